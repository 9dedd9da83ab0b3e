// Dead letters: messages that could not be processed, with the reason.
import { ask } from './dialog.js'
import { json, resource, send } from './http.js'
import { address, ago, button, facts, field, heading, link, loading, named, problemNote, table } from './parts.js'
import { payload } from './payload.js'
import { draft } from './publish.js'
import { reread } from './reread.js'
import { html, nothing, render } from './template.js'
import { moment, number, size, visible } from './text.js'

const PAGE = 50
const MOST = 100 // of a request
const WIDER = 4 // times, as long as there are too few
const SETTLES = 'administer DEAD_LETTERS.*'
const TOLD = /^Sluice-(Reason|Stream|Sequence|Subject|Consumer|Deliveries)$/ // headers that are fields, too

export const title = 'Dead letters'

export function open(box, parameters, frame) {
  const seq = parameters.get('seq')
  if (seq) one(box, seq, frame)
  else all(box, parameters.get('stream') ?? '', Number(parameters.get('before')) || Infinity, frame)
}

function all(box, stream, before, { signal, go }) {
  const filter = field('Stream', 'stream', { type: 'search', value: stream, placeholder: 'all', onchange: ({ target: { value } }) =>
    go(address({ view: 'dead-letters', ...value.trim() ? { stream: value.trim() } : {} })) })
  const within = stream ? { stream } : {}
  let read // of which state of the stream
  let page
  reread(box, heading([['Dead letters']], filter), async () => {
    const { state } = await json(resource('streams', 'DEAD_LETTERS'), { signal })
    const present = `${state.first_seq} ${state.last_seq} ${state.messages}`
    if (present !== read) {
      page = await newest(state, stream, before, signal)
      read = present
    }
    const { letters, older } = page
    return html`<div class="body">${letters.length ? overview(letters) : html`<p class="none">${stream || before < Infinity ? 'No such dead letters.'
      : 'No dead letters. A message that a worker could not process is kept here, with the reason.'}</p>`}
      <div class="actions">${before < Infinity ? link('Newest', { view: 'dead-letters', ...within }, { kind: 'button' }) : nothing}
      ${older ? link('Older', { view: 'dead-letters', ...within, before: letters.at(-1).seq }, { kind: 'button' }) : nothing}</div></div>`
  }, signal)
}

// The newest come first. They are listed upwards only, so it looks back further and further.
async function newest({ first_seq: oldest, last_seq: last }, stream, before, signal) {
  const first = Math.max(1, oldest) // 0 in a stream that never had a message
  let end = Math.min(before, last + 1)
  const letters = []
  for (let window = PAGE; letters.length < PAGE && end > first;) {
    const from = Math.max(first, end - window)
    const { found, more } = await part(stream, from, end, signal)
    if (more) window = Math.ceil((end - from) / 2) // more than one request holds: only the newer half
    else {
      letters.unshift(...found)
      end = from
      window *= WIDER
    }
  }
  return { letters: letters.slice(-PAGE).reverse(), older: letters.length > PAGE || letters.length === PAGE && end > first }
}

async function part(stream, from, end, signal) {
  const url = resource('dead-letters')
  url.searchParams.set('from', from)
  url.searchParams.set('limit', MOST)
  if (stream) url.searchParams.set('stream', stream)
  const { dead_letters: letters } = await json(url, { signal })
  return { found: letters.filter(({ seq }) => seq < end), more: letters.length === MOST && letters[MOST - 1].seq < end - 1 }
}

const overview = letters => table('Dead letters', [['Dead letter', 'number'], ['Since'], ['Subject'], ['Reason', 'wrap'],
  ['Deliveries', 'number'], ['Consumer'], ['From'], ['Size', 'number']], letters, ({ seq }) => seq, letter => [
  link(number(letter.seq), { view: 'dead-letters', seq: letter.seq }, { kind: 'name' }),
  ago(letter.time), html`<code>${visible(letter.subject)}</code>`, visible(letter.reason),
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
    ['Since', html`${ago(letter.time)}, ${moment(letter.time)}`],
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
