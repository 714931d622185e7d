import '@bff/demo/style.css'
import './own.css'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'

/** Of pages that have no title of their own, such as the one for an address that leads nowhere. */
export const metadata: Metadata = { title: 'No token in the browser' }

export const viewport: Viewport = { colorScheme: 'light dark' }

/** The frame of every page. It asks for no session: what fails inside is then told inside, by `error.tsx`. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#main">
          Skip to the content
        </a>
        {children}
        <footer className="foot">
          <p>A demo on your machine. Nothing here leaves it.</p>
        </footer>
      </body>
    </html>
  )
}
