import '@bff/demo/style.css'
import './own.css'
import type { Viewport } from 'next'
import type { ReactNode } from 'react'

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
