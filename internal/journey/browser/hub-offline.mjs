// hub-offline.mjs CONFIG: a request is made and sent without a network; what
// waits is said to wait, and goes out once when the network is back.
import { complain, config, go, look, open, picture, place, play } from './hub.mjs'

const page = await open(config.url)
const client = 'Tidewater Kayaks'
const button = name => page.getByRole('button', { name, exact: true })
const hand = what => fetch(`${config.facts.cable}/${what}`, { method: 'POST' })
const letters = async () => (await (await fetch(`${config.mailbox}/api/messages`)).json()).filter(l => l.to.includes(config.to))
const row = page.locator('tr[data-row]', { hasText: client })

async function copyLink(said) {
  await row.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: /^Copy the onboarding link/ }).click()
  await page.getByText(said).first().waitFor()
}

await play(page, async () => {
  place('joining')
  await page.getByLabel('Relay address').fill(config.relay)
  await page.getByLabel('One-time code').fill(config.code)
  await page.getByRole('button', { name: /^Join/ }).click()
  await page.getByRole('heading', { name: /^Good (morning|afternoon|evening), Ana/ }).waitFor({ timeout: 60_000 })
  await page.getByText('Up to date').first().waitFor({ timeout: 60_000 })

  place('offline')
  await hand('pull')
  await page.getByText('You are offline.', { exact: false }).first().waitFor({ timeout: 60_000 })
  await go(page, '#/collaboration/new')
  await page.getByLabel('Client', { exact: true }).fill(client)
  await page.getByRole('checkbox', { name: 'HubSpot' }).check()
  await page.getByRole('button', { name: /^Save your request/ }).click()
  await button('Send Email').waitFor()
  await page.getByRole('textbox', { name: 'Recipients' }).fill(config.to)
  await button('Send Email').click()
  await picture(page, 'sent offline')
  await go(page, '#/collaboration')
  await row.waitFor()
  await look(page, 'requests offline')
  await copyLink('The link waits for the network')
  if ((await letters()).length) complain('a letter went out without a network')
  await page.reload()
  await row.waitFor()

  place('online')
  await hand('plug')
  await page.getByText('You are offline.', { exact: false }).first().waitFor({ state: 'detached', timeout: 60_000 })
  for (let n = 0; n < 300 && !(await letters()).length; n++) await page.waitForTimeout(100)
  await page.waitForFunction(name => {
    const text = [...document.querySelectorAll('tr[data-row]')].find(r => r.textContent.includes(name))?.textContent ?? ''
    return /Sent/.test(text)
  }, client, { timeout: 60_000 })
  await copyLink('Link copied.')
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  if (!/\/r\/[\w-]+$/.test(copied)) complain(`what was copied is ${copied}`)
  const got = await letters()
  if (got.length !== 1) complain(`there are ${got.length} letters`)
  if (await row.count() !== 1) complain(`the request is there ${await row.count()} times`)
  await picture(page, 'sent')
})
