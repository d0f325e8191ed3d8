// hub-keychain.mjs CONFIG: the hub of somebody whose keychain is away.
import { config, look, open, play } from './hub.mjs'

const page = await open(config.url)

await play(page, async () => {
  await page.getByRole('heading', { name: 'This computer’s keychain does not open' }).waitFor()
  await page.getByText('This computer has no keychain that answers.', { exact: false }).waitFor()
  await look(page, 'keychain away')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('It still does not open.').waitFor()
})
