export default function Page() {
  return <p>anyone</p>
}
