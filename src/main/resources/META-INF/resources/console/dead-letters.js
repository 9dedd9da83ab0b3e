// Dead letters: messages that could not be processed, with the reason.
import { ask } from './dialog.js'
import { json, resource, send } from './http.js'
import { address, button, facts, heading, link, loading, named, problemNote, table } from './parts.js'
import { payload } from './payload.js'
import { draft } from './publish.js'
import { html, nothing, render } from './template.js'
import { clock, number, relative, size, visible } from './text.js'

const PAGE = 50
const SETTLES = 'administer DEAD_LETTERS.*'
const TOLD = /^Sluice-(Reason|Stream|Sequence|Subject|Consumer|Deliveries)$/ // headers that are fields, too

export const title = 'Dead letters'

export function open(box, parameters, frame) {
  const seq = parameters.get('seq')
  if (seq) one(box, seq, frame)
  else all(box, Number(parameters.get('from')) || 1, frame)
}

async function all(box, from, { signal }) {
  const show = content => render([heading([['Dead letters']]), content], box)
  show(loading)
  try {
    const url = resource('dead-letters')
    url.searchParams.set('from', from)
    url.searchParams.set('limit', PAGE)
    const { dead_letters: letters } = await json(url, { signal })
    show(html`<div class="body">${letters.length ? overview(letters) : html`<p class="none">${from > 1 ? 'No later dead letters.'
      : 'No dead letters. A message that a worker could not process is kept here, with the reason.'}</p>`}
      <div class="actions">${from > 1 ? link('First page', { view: 'dead-letters' }, { kind: 'button' }) : nothing}
      ${letters.length === PAGE ? link('Next page', { view: 'dead-letters', from: letters.at(-1).seq + 1 }, { kind: 'button' }) : nothing}</div></div>`)
  } catch (failure) {
    if (!signal.aborted) show(problemNote(failure))
  }
}

const overview = letters => table('Dead letters', [['Dead letter', 'number'], ['Since'], ['Subject'], ['Reason', 'wrap'],
  ['Deliveries', 'number'], ['Consumer'], ['From'], ['Size', 'number']], letters, ({ seq }) => seq, letter => [
  link(number(letter.seq), { view: 'dead-letters', seq: letter.seq }, { kind: 'name' }),
  relative(new Date(letter.time)), html`<code>${visible(letter.subject)}</code>`, visible(letter.reason),
  number(letter.deliveries), letter.consumer, `${letter.stream} ${number(letter.stream_seq)}`, size(letter.size),
])

async function one(box, seq, { signal, go }) {
  let content = () => loading
  let told = nothing
  let redriving = false // each redrive publishes the message once more
  const show = () => render([heading([['Dead letters', { view: 'dead-letters' }], [`Dead letter ${seq}`]]),
    html`<div class="told" role="status">${told}</div>`, content()], box)

  async function redrive({ currentTarget: pressed }) {
    told = nothing
    redriving = true
    show()
    told = await redriven(seq)
    redriving = false
    show()
    pressed.focus()
  }

  show()
  try {
    const letter = await json(resource('dead-letters', seq), { signal })
    const message = asMessage(letter)
    const shown = payload(message)
    content = () => html`<div class="value">${details(letter)}<div class="actions">${button('Redrive', redrive, { needs: SETTLES, disabled: redriving })}
      ${button('Change and publish …', () => go(address({ view: 'publish' }), { message: draft(message) }), { needs: `publish ${letter.subject}` })}
      ${button('Delete …', () => remove(letter, go), { needs: SETTLES })}</div>${shown}</div>`
  } catch (failure) {
    if (signal.aborted) return
    content = () => problemNote(failure)
  }
  show()
}

function details(letter) {
  return html`<p class="reason">${visible(letter.reason)}</p>${facts([
    ['Subject', visible(letter.subject)],
    ['From', [link(letter.stream, { view: 'streams', stream: letter.stream }), ` ${number(letter.stream_seq)}`]],
    ['Consumer', letter.consumer],
    ['Deliveries', number(letter.deliveries)],
    ['Since', `${relative(new Date(letter.time))}, ${clock(letter.time)}`],
    ['Size', size(letter.size)],
    ...named(Object.fromEntries(Object.entries(letter.headers).filter(([name]) => !TOLD.test(name)))),
  ])}`
}

const asMessage = ({ subject, headers, data, data_base64: base64 }) => ({
  subject, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('Sluice-'))), text: data ?? '', base64,
})

/** Publishes the message again; resolves with what to tell. */
async function redriven(seq) {
  try {
    const { stream, seq: at } = await json(resource('dead-letters', seq, 'redrive'), { method: 'POST' })
    return html`Published again as ${link(`${stream} ${number(at)}`, { view: 'streams', stream })}.
      The dead letter is still here: delete it when it is settled.`
  } catch (failure) {
    return problemNote(failure)
  }
}

async function remove({ seq }, go) {
  const done = await ask({
    title: `Delete the dead letter ${seq}?`,
    body: html`<p>The message and the reason are deleted. It is not published again.</p>`,
    action: 'Delete',
    typed: String(seq),
    act: () => send(resource('dead-letters', seq), { method: 'DELETE' }),
  })
  if (done) go(address({ view: 'dead-letters' }))
}
