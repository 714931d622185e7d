// auth.js
import NextAuth from 'next-auth'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET } = process.env

export const { handlers, auth } = NextAuth({
  secret: SECRET,
  trustHost: true,
  providers: [
    {
      id: 'shop',
      name: 'Shop',
      type: 'oidc',
      issuer: ISSUER,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      authorization: { params: { scope: 'openid profile offline_access orders' } },
    },
  ],
  callbacks: {
    // A refresh would be about forty lines of your own here, which two tabs can run at the same time.
    jwt: ({ token, account }) => (account ? { ...token, accessToken: account.access_token } : token),
    session: ({ session, token }) => ({ ...session, accessToken: token.accessToken }),
  },
})
