// story.mjs CONFIG: a client's whole way, by what stands on buttons and links,
// in Chromium. It prints what is wrong. CONFIG is JSON:
//   mailbox   where the invitation lies; its newest letter "to" is opened
//   to        the client's address
//   account   the ActiveCampaign account to connect
//   strict    the visit's cookie is made SameSite=Strict: the way back must fail
//   script    false: JavaScript is off
//   pictures  a folder for pictures of each page
import { mkdir } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { axe, launch, listen, tooWide } from './chromium.mjs'

const config = JSON.parse(process.argv[2])
if (config.pictures) await mkdir(config.pictures, { recursive: true })

let wrong = 0
const complain = what => { wrong++; console.log(what) }

const browser = await launch()
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, javaScriptEnabled: config.script !== false, reducedMotion: 'reduce' })
context.setDefaultTimeout(15_000)

// What a page weighs: the document and what it loads of ours, compressed. The
// agency's logo is the agency's.
const relay = new URL(config.relay).origin
const parts = new Map()
context.on('response', async response => {
  const kind = response.request().resourceType()
  if (new URL(response.url()).origin !== relay || !['document', 'stylesheet', 'script'].includes(kind)) return
  if (response.status() >= 300 && response.status() < 400) return
  const body = await response.body().catch(() => undefined)
  if (body) parts.set(response.url(), gzipSync(body).length)
})

let page = await context.newPage()
let shot = 0
const seen = []

// Every page of the wizard on the way is looked at like those of the gallery.
async function look(name) {
  seen.push(name)
  await page.waitForLoadState('load')
  if (config.script !== false) {
    for (const found of await axe(page)) complain(`${name}: ${found}`)
    for (const found of await tooWide(page)) complain(`${name}: ${found}`)
    const loaded = await page.evaluate(() => [location.href, ...performance.getEntriesByType('resource').map(e => e.name)])
    const bytes = loaded.reduce((sum, address) => sum + (parts.get(address) ?? 0), 0)
    if (bytes > 30 * 1024) complain(`${name}: ${bytes} bytes compressed`)
  }
  if (config.pictures) await page.screenshot({ path: `${config.pictures}/${String(++shot).padStart(2, '0')}-${name}.png` })
}

const button = name => page.getByRole('button', { name, exact: true })
const link = name => page.getByRole('link', { name, exact: true })
const heading = name => page.getByRole('heading', { name })

async function strict() {
  const cookies = await context.cookies(config.relay)
  const visit = cookies.filter(c => c.name.includes('visit-'))
  if (visit.length !== 1 || visit[0].sameSite !== 'Lax' || !visit[0].httpOnly) complain(`the visit's cookie is ${JSON.stringify(visit.map(({ value, ...rest }) => rest))}`)
  if (config.strict) await context.addCookies(visit.map(c => ({ ...c, sameSite: 'Strict' })))
}

async function invitation() {
  const letters = await (await fetch(`${config.mailbox}/api/messages`)).json()
  const letter = letters.find(l => l.to.includes(config.to) && l.subject.startsWith('Onboarding Request'))
  if (!letter) throw new Error(`there is no invitation to ${config.to}`)
  await page.goto(`${config.mailbox}/mailbox/${letter.id}`)
  const opened = context.waitForEvent('page')
  await page.frameLocator('iframe').getByRole('link', { name: 'Grant Permission Now' }).click()
  page = await opened // a letter's link opens in a tab of its own
  if (!config.strict) listen(page, what => complain(`${seen.at(-1) ?? 'landing'}: ${what}`))
}

async function facebook() {
  await heading('Connect Facebook').waitFor()
  await look('facebook')
  await button('Add Facebook').click()
  await link('Log In').waitFor()
  await look('facebook-leaving')
  await link('Log In').click()
  await page.getByRole('button', { name: 'Mina Ito' }).click()
  await button('Allow').click()
  if (config.strict) {
    await page.waitForURL(url => url.origin === relay)
    if (new URL(page.url()).pathname !== '/callback/meta') complain('with a strict cookie the client comes back signed in: the sites are not truly different')
    return false
  }
  await heading('Choose what to share').waitFor()
  await look('facebook-assets')
  for (const asset of ['Harbour & Pine EU', 'Harbour Café Ads', 'Harbour Garden']) await page.getByRole('checkbox', { name: asset }).first().check()
  await look('facebook-chosen')
  await button('Connect Assets').click()
  await link('Next Step').waitFor()
  await look('facebook-connected')
  await link('Next Step').click()
  return true
}

// What every platform with a sign-in has in common: Add, and our page before it.
async function leave(service) {
  await heading('Connect your other platforms').first().waitFor()
  await button(`Add ${service}`).click()
}

async function proceed(name) {
  await link('Proceed').waitFor()
  await look(`${name}-proceed`)
  await link('Proceed').click()
}

async function arrive(name, connected) {
  await heading(connected).waitFor()
  await look(`${name}-result`)
  await link('Close').click()
}

async function mailchimp() {
  await leave('Mailchimp')
  await proceed('mailchimp')
  await page.getByRole('button', { name: 'Marta Lindqvist' }).click()
  await button('Allow').click()
  await arrive('mailchimp', 'Mailchimp is connected')
}

async function salesforce() {
  await leave('Salesforce')
  await page.getByRole('radio', { name: /My Domain/ }).check()
  await page.getByLabel('Your Salesforce address').fill('harbourpine.my.salesforce.com')
  await look('salesforce-address')
  await button('Continue').click()
  await proceed('salesforce')
  await page.getByRole('button', { name: 'Lars Holm' }).click()
  await button('Allow').click()
  await arrive('salesforce', 'Salesforce is connected')
}

async function sheets() {
  await leave('Google Sheets')
  await page.getByRole('radio', { name: /Pick sheets I have/ }).check()
  await look('sheets-choice')
  await button('Continue').click()
  await proceed('sheets')
  await page.getByRole('button', { name: 'Lars Holm' }).click()
  await button('Allow').click()
  for (const sheet of ['Leads autumn campaign', 'Price list 2026']) await page.getByRole('checkbox', { name: sheet }).check()
  await button('Select').click()
  await arrive('sheets', '2 sheets connected')
}

async function hubspot(portal) {
  await heading('Connect your other platforms').first().waitFor()
  await button('Add HubSpot').click()
  await link('Proceed').waitFor()
  await look('hubspot-proceed')
  await link('Proceed').click()
  const person = page.getByRole('button', { name: 'Lars Holm' })
  const chooser = page.getByRole('button', { name: portal })
  await person.or(chooser).first().waitFor()
  if (await person.isVisible()) await person.click()
  await chooser.click()
  await button('Allow').click()
  await heading('HubSpot is connected').waitFor()
  await look('hubspot-result')
  await link('Close').click()
}

async function activecampaign() {
  await button('Add ActiveCampaign').click()
  await page.getByLabel('API URL').or(link('Proceed')).first().waitFor()
  if (await link('Proceed').isVisible()) await link('Proceed').click()
  await look('activecampaign')
  await page.getByLabel('API URL').fill(config.account.url)
  await page.getByLabel('API key').fill(config.account.key)
  await button('Connect').click()
  await heading('ActiveCampaign is connected').waitFor()
  await look('activecampaign-result')
  await link('Close').click()
}

async function story() {
  await invitation()
  await button('Grant Permission Now').waitFor()
  const address = page.url()
  await look('landing')
  await button('Grant Permission Now').click()
  await look('about-you')
  await page.getByLabel('Your name').fill('Mina Ito')
  await page.getByLabel('Your work email').fill(config.to)
  await button('View request').click()
  await heading('Connect Facebook').waitFor()
  await strict()
  if (!await facebook()) return
  await look('platforms')
  await mailchimp()
  await salesforce()
  await sheets()
  await hubspot('Harbour & Pine AB')
  await hubspot('Harbour & Pine Outlet')
  await look('platforms-two-portals')
  await activecampaign()
  await look('platforms-all')
  await link('Next Step').click()
  await button('Finish').waitFor()
  await look('summary')
  await button('Finish').click()
  await heading(/You are done/).waitFor()
  await look('done')

  // The link is dead for a second browser, and the first one keeps its receipt.
  await page.reload()
  await heading(/You are done/).waitFor()
  const second = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await second.newPage()
  const answer = await page.goto(address)
  if (answer.status() !== 410) complain(`a second browser is answered ${answer.status()}`)
  await page.getByText('Mina has finished this').waitFor()
  if (config.pictures) await page.screenshot({ path: `${config.pictures}/${String(++shot).padStart(2, '0')}-second-browser.png` })
}

try {
  await story()
} catch (e) {
  complain(`after ${seen.at(-1)}, at ${page.url().replace(/\/[rw]\/.*/, '/…')}: ${e.message}`)
  console.log((await page.locator('body').innerText().catch(() => '')).slice(0, 1500))
  if (config.pictures) await page.screenshot({ path: `${config.pictures}/failed.png` }).catch(() => undefined)
}
await browser.close()
console.log(`${seen.length} pages, ${wrong} things wrong`)
process.exit(wrong ? 1 : 0)
