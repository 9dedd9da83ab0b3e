// Dead letters: messages that could not be processed, with the reason.
import { ask } from './dialog.js'
import { json, resource, send } from './http.js'
import { address, button, facts, heading, link, problemNote, table } from './parts.js'
import { payload } from './payload.js'
import { only } from './permissions.js'
import { draft } from './publish.js'
import { clock, element, number, relative, size, visible } from './text.js'

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
  const list = element('div', 'loading', 'Loading …')
  box.append(heading([['Dead letters']]), list)
  try {
    const url = resource('dead-letters')
    url.searchParams.set('from', from)
    url.searchParams.set('limit', PAGE)
    const { dead_letters: letters } = await json(url, { signal })
    list.className = 'body'
    list.replaceChildren(letters.length ? overview(letters) : element('p', 'none', from > 1 ? 'No later dead letters.'
      : 'No dead letters. A message that a worker could not process is kept here, with the reason.'), ...pages(letters, from))
  } catch (failure) {
    if (!signal.aborted) list.replaceWith(problemNote(failure))
  }
}

function pages(letters, from) {
  const made = element('div', 'actions')
  if (from > 1) made.append(link('First page', { view: 'dead-letters' }, 'button'))
  if (letters.length === PAGE) {
    made.append(link('Next page', { view: 'dead-letters', from: letters.at(-1).seq + 1 }, 'button'))
  }
  return [made]
}

function overview(letters) {
  return table('Dead letters', [['Dead letter', 'number'], ['Since'], ['Subject'], ['Reason', 'wrap'], ['Deliveries', 'number'],
    ['Consumer'], ['From'], ['Size', 'number']],
  letters.map(letter => [
    link(number(letter.seq), { view: 'dead-letters', seq: letter.seq }, 'name'),
    relative(new Date(letter.time)), element('code', '', visible(letter.subject)), visible(letter.reason),
    number(letter.deliveries), letter.consumer, `${letter.stream} ${number(letter.stream_seq)}`, size(letter.size),
  ]))
}

async function one(box, seq, { signal, go }) {
  const content = element('div', 'loading', 'Loading …')
  const told = element('div', 'told')
  told.setAttribute('role', 'status')
  box.append(heading([['Dead letters', { view: 'dead-letters' }], [`Dead letter ${seq}`]]), told, content)
  try {
    const letter = await json(resource('dead-letters', seq), { signal })
    content.className = 'value'
    content.replaceChildren(element('p', 'reason', visible(letter.reason)), facts([
      ['Subject', visible(letter.subject)],
      ['From', [link(letter.stream, { view: 'streams', stream: letter.stream }), ` ${number(letter.stream_seq)}`]],
      ['Consumer', letter.consumer],
      ['Deliveries', number(letter.deliveries)],
      ['Since', `${relative(new Date(letter.time))}, ${clock(letter.time)}`],
      ['Size', size(letter.size)],
      ...Object.entries(letter.headers).filter(([name]) => !TOLD.test(name)).flatMap(([name, values]) => values.map(value => [visible(name), visible(value)])),
    ]), element('div', 'actions', only(SETTLES, button('Redrive', () => redrive(letter, told))),
      only(`publish ${letter.subject}`, button('Change and publish …', () => go(address({ view: 'publish' }), { message: draft(asMessage(letter)) }))),
      only(SETTLES, button('Delete …', () => remove(letter, go)))),
    ...payload(asMessage(letter)))
  } catch (failure) {
    if (!signal.aborted) content.replaceWith(problemNote(failure))
  }
}

const asMessage = ({ subject, headers, data, data_base64: base64 }) => ({
  subject, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('Sluice-'))), text: data ?? '', base64,
})

async function redrive({ seq }, told) {
  told.replaceChildren()
  try {
    const { stream, seq: at } = await json(resource('dead-letters', seq, 'redrive'), { method: 'POST' })
    told.replaceChildren('Published again as ', link(`${stream} ${number(at)}`, { view: 'streams', stream }), '. The dead letter is gone.')
  } catch (failure) {
    told.replaceChildren(problemNote(failure))
  }
}

async function remove({ seq }, go) {
  const done = await ask({
    title: `Delete the dead letter ${seq}?`,
    body: [element('p', '', 'The message and the reason are deleted. It is not published again.')],
    action: 'Delete',
    typed: String(seq),
    act: () => send(resource('dead-letters', seq), { method: 'DELETE' }),
  })
  if (done) go(address({ view: 'dead-letters' }))
}
