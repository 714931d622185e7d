/** @type {import('next').NextConfig} */
export default {
  cacheComponents: true,
  partialPrefetching: true,
  // The paths of the API reach it unchanged.
  skipTrailingSlashRedirect: true,
}
