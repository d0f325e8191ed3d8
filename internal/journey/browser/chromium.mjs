// What every script here starts from: Chromium as this machine has it, and
// what it can find wrong with a page.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)

const places = [
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export async function launch() {
  const executablePath = process.env.LATCHKEY_CHROMIUM ?? places.find(existsSync)
  if (!executablePath) throw new Error('no Chromium found: install it, or name it in LATCHKEY_CHROMIUM')
  return chromium.launch({
    executablePath,
    headless: true,
    // Root, which containers run as, has no sandbox; and nothing may leave this machine.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--disable-quic', '--no-first-run'],
  })
}

export const everyRule = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

// What axe finds serious or critical in a page.
export async function axe(page, runOnly = everyRule) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(await axeSource())
  const found = await page.evaluate(runOnly => window.axe.run(document, { runOnly, resultTypes: ['violations'] }), runOnly)
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id} (${help}): ${nodes.slice(0, 3).map(n => n.target.join(' ')).join('; ')}`)
}

let source
async function axeSource() {
  source ??= await readFile(require.resolve('axe-core/axe.min.js'), 'utf8')
  return source
}

// Everything a page complains of by itself: errors, refused loads, broken policies.
export function listen(page, complain) {
  page.on('pageerror', e => complain(`script error: ${e.message}`))
  page.on('console', m => { if (m.type() === 'error') complain(`console: ${m.text()}`) })
  page.on('requestfailed', r => {
    if (r.failure()?.errorText === 'net::ERR_ABORTED') return // whoever goes on to the next page waits for no picture of the last
    complain(`not loaded: ${r.url()} (${r.failure()?.errorText})`)
  })
}

// A page must not be wider than its window: nobody scrolls sideways.
export async function tooWide(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth
    ? [`${document.documentElement.scrollWidth} px wide in a window of ${document.documentElement.clientWidth} px`] : [])
}

// Nor may a card or a dialog cut off what stands in it.
export async function cutOff(page) {
  return page.evaluate(() => {
    const cut = [...document.querySelectorAll('main *')].find(element => {
      const box = element.getBoundingClientRect()
      return box.width && box.right > document.documentElement.clientWidth + 1 && !element.closest('.visually-hidden')
    })
    return cut ? [`${cut.tagName.toLowerCase()} is cut off at the right: "${cut.textContent.trim().slice(0, 40)}"`] : []
  })
}
