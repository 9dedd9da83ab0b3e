// Bytes as lines of offset, hexadecimal digits and ASCII.
const WIDTH = 16

export function hex(bytes) {
  const lines = []
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const line = [...bytes.subarray(at, at + WIDTH)]
    const digits = line.map(byte => byte.toString(16).padStart(2, '0')).join(' ').padEnd(3 * WIDTH - 1)
    const text = line.map(byte => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.').join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${digits}  ${text}`)
  }
  return lines.join('\n')
}
