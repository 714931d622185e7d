// To browsers 127.0.0.1 is another site than localhost, so what this page sends is sent cross-site.
const query = new URLSearchParams(location.search)
const target = query.get('target')
const addressOf = (path) => `${target}${path}?mark=${query.get('mark')}`

/** What a page gets of an answer that was sent with the cookies of the user, if they came along. */
async function read(path, init) {
  try {
    const response = await fetch(addressOf(path), { method: 'POST', credentials: 'include', ...init })
    return await response.text()
  } catch {
    return null
  }
}

/** Fills in a form that nobody sees, and sends it. Resolves when the answer has come. */
function submit(path) {
  const frame = document.querySelector('iframe')
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action: addressOf(path), target: frame.name })
  document.body.append(form)
  return new Promise((resolve) => {
    frame.addEventListener('load', () => resolve(null), { once: true })
    form.submit()
  })
}

const order = JSON.stringify({ item: 'Stolen teapot', quantity: 99 })
const attacks = {
  plain: () => read('/api/orders', { headers: { 'content-type': 'text/plain' }, body: order }),
  header: () =>
    read('/api/orders', {
      headers: { 'content-type': 'application/json', 'x-csrf': '1' },
      body: order,
    }),
  form: () => submit('/bff/logout'),
}
parent.postMessage({ read: await attacks[query.get('attack')]() }, target)
