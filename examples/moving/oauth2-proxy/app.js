import { createServer } from 'node:http'

const { PORT, API } = process.env

createServer(async (request, response) => {
  const {
    'x-forwarded-user': user,
    'x-forwarded-email': email,
    'x-forwarded-access-token': token,
  } = request.headers
  if (request.url === '/orders') {
    const answer = await fetch(`${API}/orders`, { headers: { authorization: `Bearer ${token}` } })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  } else {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ user, email }))
  }
}).listen(PORT, () => console.log('ready'))
