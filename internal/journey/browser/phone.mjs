// phone.mjs CONFIG: a link opened on what is not a computer, each with script
// and without. It prints what is wrong. CONFIG is as in story.mjs.
import { mkdir } from 'node:fs/promises'
import { axe, launch, tooWide } from './chromium.mjs'

const config = JSON.parse(process.argv[2])
if (config.pictures) await mkdir(config.pictures, { recursive: true })

const kinds = {
  phone: {
    userAgent: 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
    viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true,
  },
  // A tablet that says it is a Macintosh: only its finger gives it away.
  tablet: {
    userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
    viewport: { width: 1024, height: 768 }, isMobile: true, hasTouch: true,
  },
  // And a Macintosh, which has to get in.
  macintosh: {
    userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
    viewport: { width: 1280, height: 800 },
  },
}

let wrong = 0
const complain = what => { wrong++; console.log(what) }
const browser = await launch()

async function open(kind, script) {
  const name = `${kind} ${script ? 'with' : 'without'} script`
  const context = await browser.newContext({ ...kinds[kind], javaScriptEnabled: script })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  await page.goto(config.link, { waitUntil: 'networkidle' })
  const grant = page.getByRole('button', { name: 'Grant Permission Now', exact: true })
  const refused = page.getByRole('heading', { name: 'Please open this on a computer' })

  // The tablet is known only after its first page; what counts is that no step follows.
  if (await grant.isVisible()) await grant.click()
  const name2 = page.getByLabel('Your name')
  await refused.or(name2).first().waitFor()
  if (kind === 'macintosh') {
    if (await refused.isVisible()) complain(`${name} is refused`)
  } else {
    if (!await refused.isVisible()) complain(`${name} may go on`)
    await page.goto(`${config.link}/about`)
    if (!await refused.isVisible()) complain(`${name} may type an address`)
    if (script) {
      for (const found of await axe(page)) complain(`${name}: ${found}`)
      for (const found of await tooWide(page)) complain(`${name}: ${found}`)
    }
  }
  if (config.pictures) await page.screenshot({ path: `${config.pictures}/${name.replaceAll(' ', '-')}.png` })
  await context.close()
}

for (const kind of Object.keys(kinds)) {
  for (const script of [true, false]) {
    try {
      await open(kind, script)
    } catch (e) {
      complain(`${kind}: ${e.message}`)
    }
  }
}
await browser.close()
console.log(`${wrong} things wrong`)
process.exit(wrong ? 1 : 0)
