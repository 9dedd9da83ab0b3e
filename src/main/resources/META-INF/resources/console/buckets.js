// Buckets: their keys, and the value of a key with its history. A value is written over the revision that was read.
import { watch } from '../sluice-events.js'
import { repeated, sent } from './commands.js'
import { ask, mayLose } from './dialog.js'
import { difference } from './diff.js'
import { Refusal, below, json, resource, send, withJson } from './http.js'
import { address, button, facts, field, heading, link, problemNote, table } from './parts.js'
import { payload } from './payload.js'
import { may, only } from './permissions.js'
import { clock, element, number, relative, size, span, visible } from './text.js'

const LISTINGS = 8 // pages of 256 buckets
const KEYS = 200 // of a page
const HISTORIES = 8 // pages of the history that are read, each at most 1 MiB of values
const CHANGES = 50 // that are shown
const PRECONDITION_FAILED = 412

export const title = 'Buckets'

export function open(box, parameters, frame) {
  const name = parameters.get('bucket')
  if (name) new BucketView(box, name, parameters.get('key'), frame)
  else all(box, frame)
}

const bucketUrl = name => resource('buckets', name)

const keyUrl = (bucket, kind, key) => below(key, 'buckets', bucket, kind)

// --- all buckets ----------------------------------------------------------------------------------------------------

async function all(box, { signal, go }) {
  const list = element('div', 'loading', 'Loading …')
  box.append(heading([['Buckets']], only('some administer *.*', button('New bucket …', () => create(go)))), list)
  try {
    const buckets = []
    let offset = 0
    for (let page = 0; page < LISTINGS && offset !== undefined; page++) {
      const url = resource('buckets')
      if (offset) url.searchParams.set('offset', offset)
      const answer = await json(url, { signal })
      buckets.push(...answer.buckets)
      offset = answer.next_offset
    }
    list.className = ''
    list.replaceChildren(buckets.length ? overview(buckets) : element('p', 'none',
      'There is no bucket that this caller may see. A bucket keeps the present value of each key, and a few of its earlier ones.'))
  } catch (failure) {
    if (!signal.aborted) list.replaceWith(problemNote(failure))
  }
}

function overview(buckets) {
  return table('Buckets', [['Bucket'], ['Revision', 'number'], ['Values', 'number'], ['Size', 'number'], ['History', 'number'],
    ['Kept'], ['Storage'], ['Replicas', 'number']],
  buckets.map(({ bucket, description, revision, values, bytes, history, max_age: age, storage, replicas }) => [
    [link(bucket, { view: 'buckets', bucket }, 'name'), ...description ? [element('div', 'soft', visible(description))] : []],
    number(revision), number(values), size(bytes), history === undefined ? 'all' : number(history), age ? span(age) : 'always', storage,
    number(replicas),
  ]))
}

async function create(go) {
  let made
  const done = await ask({
    title: 'New bucket',
    body: [field('Name', 'bucket', { required: true, pattern: '[A-Za-z0-9_\\-]+', title: 'Letters, digits, - and _' }),
      field('Revisions of a key', 'history', { type: 'number', min: 1, max: 64, value: '5' }),
      field('A value expires after', 'max_age', { placeholder: 'never, or 24h' }),
      field('Storage', 'storage', { options: [['file', 'file'], ['memory', 'memory']], value: 'file' })],
    action: 'Create',
    act: async form => {
      made = form.get('bucket')
      await send(bucketUrl(made), withJson('PUT', {
        history: Number(form.get('history')) || undefined,
        max_age: form.get('max_age') || undefined,
        storage: form.get('storage'),
      }))
    },
  })
  if (done) go(address({ view: 'buckets', bucket: made }))
}

// --- one bucket -----------------------------------------------------------------------------------------------------

class BucketView {
  #bucket
  #key
  #frame
  #keys = element('ul', 'keys')
  #more = element('div')
  #entry = element('div', 'entry')
  #live
  #changes = element('ul', 'changes plain')
  #told = element('p', 'soft')
  #shown // the view of the key
  #filter = field('Keys', 'filter', { type: 'search', placeholder: 'all, or orders.>' })

  constructor(box, bucket, key, frame) {
    this.#bucket = bucket
    this.#key = key
    this.#frame = frame
    const trail = [['Buckets', { view: 'buckets' }], [bucket, { view: 'buckets', bucket }], ...key ? [[key]] : []]
    const changes = element('section', '', element('h3', '', 'Changes'), this.#told, this.#changes)
    changes.setAttribute('aria-label', 'Changes')
    const list = element('section', 'list', this.#filter, this.#keys, this.#more, changes)
    list.setAttribute('aria-label', 'Keys')
    box.append(heading(trail, only(`some write ${bucket}.>`, button('New key …', () => this.#create())),
      only(`administer KV_${bucket}.*`, button('Delete bucket …', () => this.#remove()))),
      element('div', key ? 'browser with-entry' : 'browser', list, this.#entry))
    this.#filter.onchange = () => {
      this.#list()
      this.#watch()
    }
    this.#list()
    if (key) this.#shown = new EntryView(this.#entry, bucket, key, frame)
    else this.#describe()
    this.#watch()
    frame.signal.addEventListener('abort', () => this.#live?.close())
  }

  async #list(next) {
    try {
      const url = resource('buckets', this.#bucket, 'keys')
      const filter = this.#filter.querySelector('input').value.trim()
      url.searchParams.set('limit', KEYS)
      if (filter) url.searchParams.set('filter', filter)
      if (next) url.searchParams.set('next', next)
      const page = await json(url, { signal: this.#frame.signal })
      const items = page.keys.map(key => element('li', '', this.#link(key)))
      if (next) this.#keys.append(...items)
      else this.#keys.replaceChildren(...items)
      this.#more.replaceChildren(...page.next ? [button('More keys', () => this.#list(page.next))]
        : this.#keys.children.length ? [] : [element('p', 'none', filter ? 'No key matches.' : 'No keys yet.')])
      if (next) items[0]?.firstChild.focus()
    } catch (failure) {
      if (!this.#frame.signal.aborted) this.#more.replaceChildren(problemNote(failure))
    }
  }

  // A caller who may not read all keys sees the changes of the key that is open.
  #watch() {
    this.#live?.close()
    this.#live = undefined
    const filter = this.#filter.querySelector('input').value.trim() || '>'
    const keys = [filter, this.#key].filter(pattern => pattern && may('read', `${this.#bucket}.${pattern}`))
    this.#told.textContent = keys.length ? 'Waiting for changes' : 'This caller may not watch these keys.'
    if (!keys.length) return
    this.#live = watch(this.#bucket, { key: keys, from: 'new' }, {
      change: entry => this.#changed(entry),
      status: state => { this.#told.textContent = state === 'connected' ? 'Changes appear here as they come.' : `Watch: ${state}` },
      refused: ({ detail, title }) => { this.#told.textContent = detail ?? title },
    }, { url: resource('buckets', this.#bucket, 'events').pathname })
  }

  #changed({ key, revision, time, operation, value }) {
    const named = link(visible(key), { view: 'buckets', bucket: this.#bucket, key })
    const about = element('span', 'soft', `${clock(time)} revision ${number(revision)}${operation === 'put' ? '' : `, ${operation}`}`)
    this.#changes.prepend(element('li', '', element('div', '', named, ' ', about),
      ...value === undefined ? [] : [element('code', 'preview', visible(value.slice(0, 80)))]))
    while (this.#changes.children.length > CHANGES) this.#changes.lastChild.remove()
    if (key === this.#key) this.#shown.changed(revision)
    this.#keep(key, operation === 'put')
  }

  // The list is in the order of the names. A key after those that are listed comes with its page.
  #keep(key, present) {
    const items = [...this.#keys.children]
    const known = items.find(item => item.firstChild.textContent === key)
    if (known && !present) known.remove()
    if (known || !present) return
    const next = items.find(item => item.firstChild.textContent > key)
    if (!next && this.#more.querySelector('button')) return
    this.#more.querySelector('.none')?.remove()
    this.#keys.insertBefore(element('li', '', this.#link(key)), next ?? null)
  }

  #link(key) {
    const made = link(visible(key), { view: 'buckets', bucket: this.#bucket, key })
    if (key === this.#key) made.setAttribute('aria-current', 'true')
    return made
  }

  async #describe() {
    try {
      const bucket = await json(bucketUrl(this.#bucket), { signal: this.#frame.signal })
      this.#entry.replaceChildren(facts([
        ['Description', bucket.description && visible(bucket.description)],
        ['Revision', number(bucket.revision)],
        ['Values', `${number(bucket.values)}, earlier ones and deletions included`],
        ['Size', bucket.max_bytes ? `${size(bucket.bytes)} of ${size(bucket.max_bytes)}` : size(bucket.bytes)],
        ['History', bucket.history === undefined ? 'all revisions' : `${number(bucket.history)} of each key`],
        ['Kept', bucket.max_age ? `for ${span(bucket.max_age)}` : 'until deleted'],
        ['Storage', `${bucket.storage}, ${number(bucket.replicas)} ${bucket.replicas === 1 ? 'replica' : 'replicas'}`],
        ['Created', bucket.created && relative(new Date(bucket.created))],
      ]))
    } catch (failure) {
      if (!this.#frame.signal.aborted) this.#entry.replaceChildren(problemNote(failure))
    }
  }

  async #create() {
    let key
    const done = await ask({
      title: `New key in ${this.#bucket}`,
      body: [field('Key', 'key', { required: true }), field('Value', 'value', { type: 'area' })],
      action: 'Create',
      act: async form => {
        key = form.get('key')
        const value = form.get('value')
        await send(keyUrl(this.#bucket, 'keys', key), {
          method: 'PUT', headers: { 'If-None-Match': '*', 'Content-Type': mediaType(value) }, body: value,
        })
      },
    })
    if (done) this.#frame.go(address({ view: 'buckets', bucket: this.#bucket, key }))
  }

  async #remove() {
    const done = await ask({
      title: `Delete the bucket ${this.#bucket}?`,
      body: [element('p', '', 'All of its keys and their history are deleted.')],
      action: 'Delete',
      typed: this.#bucket,
      act: () => {
        this.#live?.close()
        return send(bucketUrl(this.#bucket), { method: 'DELETE' })
      },
    })
    if (!done) this.#watch()
    else this.#frame.go(address({ view: 'buckets' }))
  }
}

function mediaType(text) {
  try {
    JSON.parse(text)
    return 'application/json'
  } catch {
    return 'text/plain; charset=UTF-8'
  }
}

// --- one key --------------------------------------------------------------------------------------------------------

class EntryView {
  #bucket
  #key
  #frame
  #box
  #value = element('div', 'value')
  #history = element('section', 'history')
  #told = element('div', 'told')
  #newest = 0
  #saving = false

  constructor(box, bucket, key, frame) {
    this.#bucket = bucket
    this.#key = key
    this.#frame = frame
    this.#box = box
    this.#told.setAttribute('role', 'status')
    box.append(this.#told, this.#value, this.#history)
    this.#load()
  }

  /** Shows a newer revision. Over a text that is being edited it is only told. */
  async changed(revision) {
    if (this.#saving || revision <= this.#newest) return
    if (this.#value.querySelector('textarea')) {
      this.#tell(`Somebody changed this key meanwhile: it has revision ${number(revision)} now.`)
      return
    }
    if (this.#frame.unsaved?.()) return
    await this.#load()
  }

  async #load() {
    this.#frame.unsaved = undefined
    try {
      const revisions = await this.#revisions()
      const last = revisions.at(-1)
      this.#newest = last.revision
      if (last.operation === 'put') this.#show(last)
      else this.#showDeleted(last)
      this.#showHistory(revisions)
    } catch (failure) {
      if (this.#frame.signal.aborted) return
      this.#history.replaceChildren()
      this.#value.replaceChildren(problemNote(failure))
    }
  }

  async #revisions() {
    const revisions = []
    let from
    for (let page = 0; page < HISTORIES && (page === 0 || from !== undefined); page++) {
      const url = keyUrl(this.#bucket, 'history', this.#key)
      if (from) url.searchParams.set('from', from)
      const answer = await json(url, { signal: this.#frame.signal })
      revisions.push(...answer.revisions)
      from = answer.next
    }
    return revisions
  }

  #show(entry) {
    this.#value.replaceChildren(this.#facts(entry),
      element('div', 'actions', ...entry.value === undefined ? [] : [this.#writes(button('Edit', () => this.#edit(entry, entry.value)))],
        this.#writes(button('Delete …', () => this.#remove(entry, false))), this.#writes(button('Purge …', () => this.#remove(entry, true))),
        button('Reload', () => this.#load())),
      ...payload(asPayload(entry)))
  }

  #showDeleted(marker) {
    this.#value.replaceChildren(this.#facts(marker),
      element('p', 'none', 'This key has no value any longer.'),
      element('div', 'actions', this.#writes(button('New value', () => this.#edit(marker, '')))))
  }

  #writes(element) {
    return only(`write ${this.#bucket}.${this.#key}`, element)
  }

  #facts({ revision, time, operation, headers }) {
    return facts([
      ['Revision', number(revision)],
      ['Written', `${relative(new Date(time))}, ${clock(time)}`],
      ['Operation', operation === 'put' ? undefined : operation],
      ...Object.entries(headers).flatMap(([name, values]) => values.map(value => [visible(name), visible(value)])),
    ])
  }

  #edit(entry, text) {
    const area = element('textarea', '', '')
    area.value = text
    area.spellcheck = false
    area.setAttribute('aria-label', `Value of ${this.#key}`)
    const save = element('button', 'main', 'Save')
    const told = element('div', 'told')
    const unsaved = () => area.value !== (entry.operation === 'put' ? entry.value : '')
    const cancel = () => { if (!unsaved() || mayLose()) this.#load() }
    const form = element('form', 'edit', element('p', 'soft', `Saving writes over revision ${number(entry.revision)}, and only over it.`),
      area, told, element('div', 'choices', button('Cancel', cancel), save))
    form.onsubmit = async event => {
      event.preventDefault()
      save.disabled = this.#saving = true
      try {
        const written = await json(keyUrl(this.#bucket, 'keys', this.#key), {
          method: 'PUT', headers: requestHeaders(entry, area.value), body: area.value,
        })
        await this.#load()
        this.#tell(`Saved as revision ${number(written.revision)}.`)
      } catch (failure) {
        save.disabled = false
        if (failure instanceof Refusal && failure.status === PRECONDITION_FAILED) await this.#conflict(entry, area.value, told)
        else told.replaceChildren(problemNote(failure))
      } finally {
        this.#saving = false
      }
    }
    this.#tell('')
    this.#value.replaceChildren(form)
    this.#frame.unsaved = unsaved
    area.focus()
  }

  // Both values stay until the person has chosen: theirs in the bucket, and the text that was typed here.
  async #conflict(read, mine, told) {
    let theirs
    try {
      const revisions = await this.#revisions()
      theirs = revisions.at(-1)
      this.#showHistory(revisions)
    } catch (failure) {
      told.replaceChildren(problemNote(failure))
      return
    }
    this.#frame.unsaved = () => true
    const value = theirs.value ?? ''
    const note = element('div', 'note bad', element('strong', '', 'Somebody changed this key meanwhile'),
      element('p', '', `You edited revision ${number(read.revision)}. The key has revision ${number(theirs.revision)} now, `
        + `${theirs.operation === 'put' ? 'written' : 'a deletion'} ${relative(new Date(theirs.time))}. Nothing of yours was saved, and nothing is lost.`))
    note.setAttribute('role', 'alert')
    const binary = theirs.operation === 'put' && theirs.value === undefined
    this.#value.replaceChildren(note, element('h3', '', 'Their value, and yours'),
      binary ? element('p', 'soft', 'Their value is not text.') : difference(value, mine, 'Their value, and yours'),
      element('div', 'actions',
        button('Edit mine over theirs', () => this.#edit(theirs, mine), 'main'),
        ...binary ? [] : [button('Edit theirs', () => this.#edit(theirs, value))],
        button('Keep theirs', () => this.#load())))
    this.#value.querySelector('button').focus()
  }

  async #remove(entry, purge) {
    const url = keyUrl(this.#bucket, 'keys', this.#key)
    if (purge) url.searchParams.set('purge', 'true')
    const done = await ask({
      title: `${purge ? 'Purge' : 'Delete'} ${this.#key}?`,
      body: [element('p', '', purge ? 'The value and all earlier revisions are deleted.'
        : 'The key has no value then. Its earlier revisions stay in the history.')],
      action: purge ? 'Purge' : 'Delete',
      danger: true,
      typed: purge ? this.#key : undefined,
      act: () => send(url, { method: 'DELETE', headers: { 'If-Match': `"${entry.revision}"` } }),
    })
    if (!done) return
    await this.#load()
    this.#tell(purge ? 'Purged.' : 'Deleted.')
  }

  #showHistory(revisions) {
    const newest = revisions.toReversed()
    const shown = element('div', 'compared')
    const choice = { before: newest[1] ?? newest[0], after: newest[0] }
    const compare = () => {
      const [before, after] = [choice.before, choice.after].map(entry => entry.value ?? entry.value_base64 ?? '')
      shown.replaceChildren(element('p', 'soft', `Revision ${number(choice.before.revision)} compared with ${number(choice.after.revision)}`),
        difference(before, after, 'Difference of two revisions'))
    }
    const rows = newest.map(entry => [
      ...['before', 'after'].map(side => {
        const input = element('input')
        Object.assign(input, { type: 'radio', name: side, checked: choice[side] === entry })
        input.setAttribute('aria-label', `Compare revision ${entry.revision} as the one ${side}`)
        input.onchange = () => {
          choice[side] = entry
          compare()
        }
        return input
      }),
      number(entry.revision), `${relative(new Date(entry.time))}, ${clock(entry.time)}`, entry.operation,
      element('code', 'preview', visible((entry.value ?? entry.value_base64 ?? '').slice(0, 80))),
    ])
    this.#history.replaceChildren(element('h3', '', 'History'),
      table('History', [['Before'], ['After'], ['Revision', 'number'], ['Written'], ['Operation'], ['Value', 'wrap']], rows), shown)
    if (newest.length > 1) compare()
  }

  #tell(text) {
    this.#told.textContent = text
  }
}

const asPayload = ({ value, value_base64: base64 }) => ({ text: value ?? '', base64 })

// The headers that were stored with the value stay; NATS sets its own anew.
function requestHeaders({ operation, headers: stored, revision }, text) {
  const headers = new Headers(operation === 'put' ? sent(repeated(stored)) : [])
  if (!headers.has('Content-Type')) headers.set('Content-Type', mediaType(text))
  headers.set('If-Match', `"${revision}"`)
  return headers
}
