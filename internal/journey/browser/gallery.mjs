// gallery.mjs ADDRESS [FOLDER]: looks at every page and letter of the gallery
// served at ADDRESS, in light and dark, wide and narrow, and prints one line
// for each thing that is wrong. With a FOLDER it only takes pictures.
import { mkdir } from 'node:fs/promises'
import { axe, cutOff, launch, listen, tooWide } from './chromium.mjs'

const [address, folder] = process.argv.slice(2)
if (folder) await mkdir(folder, { recursive: true })

const states = await (await fetch(`${address}/states`)).json()
const browser = await launch()
let wrong = 0

const wide = { width: 1280, height: 800 }
const narrow = { width: 320, height: 640 } // what a wide window has at a zoom of 400 %

async function check(page, complain) {
  await page.setViewportSize(wide)
  for (const found of await axe(page)) complain(found)
  for (const found of await tooWide(page)) complain(found)
  await page.emulateMedia({ colorScheme: 'dark' }) // which changes colours and nothing else
  for (const found of await axe(page, { type: 'rule', values: ['color-contrast'] })) complain(`dark: ${found}`)
  await page.setViewportSize(narrow)
  for (const found of [...await tooWide(page), ...await cutOff(page)]) complain(`zoomed in: ${found}`)
}

async function picture(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true })
  }
}

const left = [...states]
async function work() {
  const context = await browser.newContext({ viewport: wide, reducedMotion: 'reduce' })
  await context.addInitScript(() => { window.setInterval = () => 0 }) // what looks again by itself stands still here
  const page = await context.newPage()
  let name
  const complain = what => { wrong++; console.log(`${name}: ${what}`) }
  listen(page, complain)
  for (let state = left.shift(); state; state = left.shift()) {
    name = state.name
    await page.emulateMedia({ colorScheme: 'light' })
    const answer = await page.goto(address + state.address)
    if (answer.status() !== 200) complain(`answered ${answer.status()}`)
    if (folder) await picture(page, name)
    else await check(page, complain)
  }
}

await Promise.all([work(), work()])
await browser.close()
console.log(`${states.length} pages and letters, ${wrong} things wrong`)
process.exit(wrong || !states.length ? 1 : 0)
