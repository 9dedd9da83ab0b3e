/** Copies text; false if the browser does not allow it. Over plain HTTP there is only the older way. */
export async function copy(text) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text)
      return true
    }
  } catch {
    return false
  }
  const { activeElement: focused } = document
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  focused?.focus()
  return copied
}

/** Saves text as a file. */
export function save(name, lines) {
  const url = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }))
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
