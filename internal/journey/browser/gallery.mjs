// gallery.mjs ADDRESS [FOLDER]: looks at every page and letter of the gallery
// served at ADDRESS, in light and dark, wide and narrow, and prints one line
// for each thing that is wrong. With a FOLDER it takes pictures too.
import { mkdir } from 'node:fs/promises'
import { axe, launch, listen, tooWide } from './chromium.mjs'

const [address, folder] = process.argv.slice(2)
if (folder) await mkdir(folder, { recursive: true })

const states = await (await fetch(`${address}/states`)).json()
const browser = await launch()
let wrong = 0

async function look(state, theme) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: theme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const complain = what => { wrong++; console.log(`${state.name}, ${theme}: ${what}`) }
  listen(page, complain)
  const answer = await page.goto(address + state.address)
  if (answer.status() !== 200) complain(`answered ${answer.status()}`)
  for (const found of await axe(page)) complain(found)
  for (const found of await tooWide(page)) complain(found)
  if (folder) await page.screenshot({ path: `${folder}/${state.name}-${theme}.png`, fullPage: true })
  // 320 px is what a window of 1280 px has at a zoom of 400 %.
  await page.setViewportSize({ width: 320, height: 640 })
  for (const found of await tooWide(page)) complain(`zoomed in: ${found}`)
  await context.close()
}

const left = states.flatMap(state => ['light', 'dark'].map(theme => [state, theme]))
const total = left.length
await Promise.all([1, 2].map(async () => {
  for (let next = left.shift(); next; next = left.shift()) await look(...next)
}))
await browser.close()
console.log(`looked at ${states.length} pages and letters, ${total} times: ${wrong} things are wrong`)
process.exit(wrong || !states.length ? 1 : 0)
