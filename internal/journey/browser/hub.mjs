// A member of staff at the hub's screens: what the hub's scripts share.
import { mkdir } from 'node:fs/promises'
import { axe, launch, listen, tooWide } from './chromium.mjs'

export const config = JSON.parse(process.argv[2])
if (config.pictures) await mkdir(config.pictures, { recursive: true })

let wrong = 0
let at = 'start'
export const complain = what => { wrong++; console.log(`${at}: ${what}`) }

// Said where a later complaint came up.
export const place = name => { at = name }

export const browser = await launch()

// A window of 1280×800 that complains by itself.
export async function open(address, viewport = { width: 1280, height: 800 }) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] })
  context.setDefaultTimeout(15_000)
  await context.addInitScript(() => addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`)))
  const page = await context.newPage()
  listen(page, what => {
    // A preview's frame runs nothing, which is as it should be.
    if (!/Blocked script execution in '[^']*\/preview\//.test(what)) complain(what)
  })
  await page.goto(address)
  return page
}

let shot = 0
export async function picture(page, name) {
  if (config.pictures) await page.screenshot({ path: `${config.pictures}/${String(++shot).padStart(2, '0')}-${name.replaceAll(' ', '-')}.png` })
}

// A screen in light and dark, as axe sees it.
export async function look(page, name) {
  place(name)
  await settled(page)
  await page.evaluate(() => { // what fades has no colour of its own yet
    const still = new CSSStyleSheet()
    still.replaceSync('*, *::before, *::after { transition: none !important }')
    document.adoptedStyleSheets = [still]
  })
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(100)
    for (const found of await axe(page)) complain(`${colorScheme}: ${found}`)
    await picture(page, `${name}-${colorScheme}`)
  }
  for (const found of await tooWide(page)) complain(found)
  await page.emulateMedia({ colorScheme: 'light' })
}

// Nothing is loading any more, and what moves has arrived.
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
  await page.waitForTimeout(250)
}

// Makes a call of the screens, as their script does; what fails throws.
export const call = (page, method, params = {}) => page.evaluate(async ([method, params]) => {
  const reply = await fetch(`/bridge/call/${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) })
  const { result, error } = await reply.json()
  if (error) throw new Error(JSON.stringify(error))
  return result
}, [method, params])

export const go = (page, hash) => page.evaluate(to => { location.hash = to }, hash)

// Runs a script's steps, says what is wrong, and ends.
export async function play(page, steps) {
  try {
    await steps()
  } catch (e) {
    complain(`at ${page.url().replace(/key=\w+/, 'key=…')}: ${e.message}`)
    console.log((await page.locator('body').innerText().catch(() => '')).slice(0, 1500))
    if (config.pictures) await page.screenshot({ path: `${config.pictures}/failed.png` }).catch(() => undefined)
  }
  await browser.close()
  console.log(`${wrong} things wrong`)
  process.exit(wrong ? 1 : 0)
}
