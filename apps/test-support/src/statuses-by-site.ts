/** The statuses for a signed-in browser whose request comes from the app's own page, from another site, and from nowhere. */
export const statusesBySite = (url: string, cookie: string, method = 'GET'): Promise<number[]> =>
  Promise.all(
    ['same-origin', 'cross-site', 'none'].map(async (site) => {
      const headers = { cookie, 'sec-fetch-site': site }
      return (await fetch(url, { method, headers })).status
    }),
  )
