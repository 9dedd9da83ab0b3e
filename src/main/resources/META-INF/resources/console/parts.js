// Parts that every view is made of.
import { copy } from './clipboard.js'
import { element, visible } from './text.js'

export function button(label, act, className = '') {
  const made = element('button', className, label)
  made.type = 'button'
  made.onclick = () => act(made)
  return made
}

/** A button that copies what `make` returns, if it returns a text, and says whether it could. */
export function copyButton(label, make, className) {
  return button(label, async pressed => {
    const text = make()
    if (text === undefined) return
    pressed.textContent = await copy(text) ? 'Copied' : 'Not allowed'
    setTimeout(() => { pressed.textContent = label }, 1_200)
  }, className)
}

/** A link to a view, or within one. */
export function link(label, parameters, className = '') {
  const made = element('a', className, label)
  made.href = address(parameters)
  return made
}

export const address = parameters => `?${new URLSearchParams(parameters)}`

/** A list of names and values. A value that is undefined is left out. */
export function facts(values) {
  const list = element('dl', 'facts')
  for (const [name, value] of values) {
    if (value !== undefined) list.append(element('dt', '', name), element('dd', '', ...[value].flat()))
  }
  return list
}

/** A table. A column is [heading, kind], a row is a list of cells; the kind `number` aligns to the right. */
export function table(caption, columns, rows) {
  const head = element('tr', '', ...columns.map(([heading, kind = '']) => {
    const cell = element('th', kind, heading)
    cell.scope = 'col'
    return cell
  }))
  const made = element('table', '', element('caption', 'unseen-label', caption), element('thead', '', head),
    element('tbody', '', ...rows.map(cells => element('tr', '',
      ...cells.map((cell, index) => {
        const made = element('td', columns[index][1] ?? '', ...[cell].flat())
        made.dataset.heading = columns[index][0]
        return made
      })))))
  return element('div', 'table', made)
}

/** A field of a form with its label. */
export function field(label, name, { type = 'text', value = '', hint, options, ...more } = {}) {
  const input = element(options ? 'select' : type === 'area' ? 'textarea' : 'input')
  input.name = name
  input.id = `field-${name}`
  if (options) input.append(...options.map(([key, text]) => new Option(text, key)))
  else if (type !== 'area') input.type = type
  input.value = value
  Object.assign(input, { autocomplete: 'off', spellcheck: false }, more)
  const text = element('label', '', label)
  text.htmlFor = input.id
  const made = element('div', 'field', text, input)
  if (hint) {
    const note = element('p', 'soft', hint)
    note.id = `${input.id}-hint`
    input.setAttribute('aria-describedby', note.id)
    made.append(note)
  }
  return made
}

/** The heading of a view, with what can be done there. */
export function heading(trail, ...actions) {
  const parts = trail.map((part, index) => index < trail.length - 1
    ? element('span', 'up', link(part[0], part[1]), ' / ')
    : visible(part[0]))
  return element('div', 'heading', element('h2', '', ...parts), element('span', 'gap'), ...actions)
}

/** Why something is not here, plainly. */
export function problemNote(failure) {
  const { problem } = failure
  const note = element('div', 'note bad', element('strong', '', problem?.title ?? 'Sluice cannot be reached'))
  note.setAttribute('role', 'alert')
  const text = problem?.detail ?? (problem ? '' : failure.message)
  if (text) note.append(element('p', '', visible(text)))
  for (const { field: name, rule } of problem?.violations ?? []) note.append(element('p', '', visible(`${name} ${rule}`)))
  return note
}
