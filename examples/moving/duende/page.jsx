import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

const call = (path) => fetch(path, { headers: { 'X-CSRF': '1' } })

function App() {
  const [claims, setClaims] = useState([])
  const [orders, setOrders] = useState([])
  const claim = (type) => claims.find((one) => one.type === type)?.value
  const load = async () => {
    const user = await call('/bff/user')
    if (user.status === 401) return
    setClaims(await user.json())
    setOrders(await (await call('/orders')).json())
  }
  useEffect(() => void load(), [])

  if (claims.length === 0) return <a href="/bff/login">Sign in</a>
  return (
    <>
      <h1>Hello, {claim('name')}</h1>
      <p>The session ends in {claim('bff:session_expires_in')} seconds.</p>
      <ul>
        {orders.map(({ id }) => (
          <li key={id}>{id}</li>
        ))}
      </ul>
      <a href={claim('bff:logout_url')}>Sign out</a>
    </>
  )
}

createRoot(document.querySelector('#app')).render(<App />)
