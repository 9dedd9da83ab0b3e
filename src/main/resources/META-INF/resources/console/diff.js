// The difference of two texts by lines.
import { composite, parsed } from './json.js'
import { element, number, visible } from './text.js'

const MOST_CELLS = 4_000_000 // of the comparison; larger texts are shown one after the other
const MOST_LINES = 5_000 // shown, from CONTEXT lines before the first difference on
const CONTEXT = 100
const CUT = '…' // the sign of a number of lines that are left out

/** The lines of both texts, as [sign, line] with the signs ' ', '-' and '+'. */
export function lines(before, after) {
  const old = before.split('\n')
  const now = after.split('\n')
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start++
  let end = 0
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++
  const same = old.slice(0, start).map(line => [' ', line])
  const rest = end ? old.slice(-end).map(line => [' ', line]) : []
  return [...same, ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)), ...rest]
}

// The longest common subsequence, from the end of both.
function middle(old, now) {
  const removed = old.map(line => ['-', line])
  const added = now.map(line => ['+', line])
  const width = now.length + 1
  if (old.length * width > MOST_CELLS) return [...head(removed), ...head(added)]
  const common = new Uint32Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] = old[i] === now[j] ? common[(i + 1) * width + j + 1] + 1
        : Math.max(common[(i + 1) * width + j], common[i * width + j + 1])
    }
  }
  const result = []
  let i = 0
  let j = 0
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      result.push([' ', old[i++]])
      j++
    } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) result.push(removed[i++])
    else result.push(added[j++])
  }
  return [...result, ...removed.slice(i), ...added.slice(j)]
}

// Something of both is shown.
function head(lines) {
  const most = MOST_LINES / 2
  return lines.length > most ? [...lines.slice(0, most), [CUT, lines.length - most]] : lines
}

/** The difference as an element with a label. JSON is compared with a line for each field. */
export function difference(before, after, label) {
  const kinds = { ' ': '', '-': 'removed', '+': 'added' }
  const [left, right] = [before, after].map(indented)
  const all = lines(left, right)
  const from = all.length > MOST_LINES ? Math.max(0, all.findIndex(([sign]) => sign !== ' ') - CONTEXT) : 0
  const made = element('pre', 'diff scrolls')
  const omitted = count => { if (count > 0) made.append(element('span', 'line soft', `… ${number(count)} lines are not shown\n`)) }
  omitted(from)
  for (const [sign, line] of all.slice(from, from + MOST_LINES)) {
    if (sign === CUT) omitted(line)
    else made.append(element('span', `line ${kinds[sign]}`, `${sign} `, visible(line), '\n'))
  }
  omitted(all.length - from - MOST_LINES)
  made.tabIndex = 0
  made.setAttribute('role', 'region')
  made.setAttribute('aria-label', label)
  return made
}

function indented(text) {
  const value = parsed(text)
  return composite(value) ? JSON.stringify(value, null, 2) : text
}
