// Buckets: their keys, and the value of a key with its history. A value is written over the revision that was read.
import { tail } from '../sluice-events.js'
import { ask, mayLose } from './dialog.js'
import { difference } from './diff.js'
import { mediaType, repeated, requestHeaders } from './headers.js'
import { Refusal, UNAUTHENTICATED, below, json, listing, resource, send, withJson } from './http.js'
import { edited, editable } from './line-ends.js'
import { address, ago, button, cutNote, facts, field, heading, link, named, problemNote, table } from './parts.js'
import { payload } from './payload.js'
import { may } from './permissions.js'
import { reread } from './reread.js'
import { Renewal } from './renewal.js'
import { html, nothing, render, repeat } from './template.js'
import { element, moment, number, relative, size, span, visible } from './text.js'

const KEYS = 200 // of a page, and that a watch adds to the pages
const HISTORIES = 8 // pages of the history that are read, each at most 1 MiB of values
const CHANGES = 50 // that are shown
const PRECONDITION_FAILED = 412
const WILDCARD = /[*>]/
const MIXED = 'The lines of this value end in several ways, which a browser would make one: edit it with another NATS client.'

export const title = 'Buckets'

export function open(box, parameters, frame) {
  const name = parameters.get('bucket')
  if (name) new BucketView(box, name, parameters.get('key'), frame)
  else all(box, frame)
}

const bucketUrl = name => resource('buckets', name)

const keyUrl = (bucket, kind, key) => below(key, 'buckets', bucket, kind)

// --- all buckets ----------------------------------------------------------------------------------------------------

function all(box, { signal, go }) {
  reread(box, heading([['Buckets']], button('New bucket …', () => create(go), { needs: 'some administer *.*' })), async () => {
    const { entries: buckets, cut } = await listing(resource('buckets'), 'buckets', signal)
    return buckets.length ? [overview(buckets), cutNote(cut, 'buckets')]
      : html`<p class="none">There is no bucket that this caller may see. A bucket keeps the present value of each key, and a few of its earlier ones.</p>`
  }, signal)
}

const overview = buckets => table('Buckets', [['Bucket'], ['Revision', 'number'], ['Values', 'number'], ['Size', 'number'],
  ['History', 'number'], ['Kept'], ['Storage'], ['Replicas', 'number']], buckets, ({ bucket }) => bucket,
({ bucket, description, revision, values, bytes, history, max_age: age, storage, replicas }) => [
  [link(bucket, { view: 'buckets', bucket }, { kind: 'name' }), description ? html`<div class="soft">${visible(description)}</div>` : nothing],
  number(revision), number(values), size(bytes), history === undefined ? 'all' : number(history), age ? span(age) : 'always', storage,
  number(replicas),
])

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
  #box
  #filter = field('Keys', 'filter', { type: 'search', placeholder: 'a beginning, or orders.>', onchange: () => {
    this.#list()
    this.#watch()
  } })
  #lists = 0 // a page is outdated if the list was asked for anew after it
  #keys = []
  #listed = false // whether the keys were read
  #next // of the next page; undefined if the keys are all that there are
  #most = Infinity // keys that the list holds; while it is read, what comes after it is not known
  #problem // why the keys are not listed
  #live
  #watched // the keys of the watch
  #ended // the keys of the watch that the session ended, and its last event
  #renewal
  #changes = [] // the newest first
  #drawing // many changes are drawn at once
  #told = ''
  #entry // the view of the key
  #description = nothing

  constructor(box, bucket, key, frame) {
    this.#bucket = bucket
    this.#key = key
    this.#frame = frame
    this.#box = box
    if (key) this.#entry = new EntryView(bucket, key, frame)
    this.#render()
    this.#list()
    if (!key) this.#describe()
    this.#watch()
    this.#renewal = new Renewal(() => this.#watch(), frame.signal)
    addEventListener('permissions', () => this.#watch(), { signal: frame.signal })
    frame.signal.addEventListener('abort', () => this.#unwatch())
  }

  #render() {
    const trail = [['Buckets', { view: 'buckets' }], [this.#bucket, { view: 'buckets', bucket: this.#bucket }], ...this.#key ? [[this.#key]] : []]
    render(html`${heading(trail, button('New key …', () => this.#create(), { needs: `some write ${this.#bucket}.>` }),
      button('Delete bucket …', () => this.#remove(), { needs: `administer KV_${this.#bucket}.*` }))}
      <div class="browser ${this.#key ? 'with-entry' : ''}"><section class="list" aria-label="Keys">${this.#filter}
        <ul class="keys">${repeat(this.#keys, key => key, key => html`<li>${this.#link(key, { current: key === this.#key })}</li>`)}</ul>
        <div>${this.#problem ?? this.#more()}</div>
        <section aria-label="Changes"><h3>Changes</h3><p class="soft">${this.#told}</p>
          <ul class="changes plain">${repeat(this.#changes, change => change, change => this.#change(change))}</ul></section></section>
        ${this.#entry?.box ?? html`<div class="entry">${this.#description}</div>`}</div>`, this.#box)
  }

  #change({ key, revision, time, operation, value }) {
    return html`<li><div>${this.#link(key)} <span class="soft">${moment(time)} revision ${number(revision)}${
      operation === 'put' ? '' : `, ${operation}`}</span></div>${
      value === undefined ? nothing : html`<code class="preview">${visible(value.slice(0, 80))}</code>`}</li>`
  }

  #link(key, options) {
    return link(visible(key), { view: 'buckets', bucket: this.#bucket, key }, options)
  }

  async #list(next) {
    const list = ++this.#lists
    this.#most = Infinity
    try {
      const url = resource('buckets', this.#bucket, 'keys')
      const after = next ?? (this.#beginning && before(this.#beginning))
      url.searchParams.set('limit', KEYS)
      url.searchParams.set('filter', this.#pattern)
      if (after) url.searchParams.set('next', after)
      const page = await json(url, { signal: this.#frame.signal })
      if (list !== this.#lists) return
      const first = next ? this.#keys.length : 0
      const keys = page.keys.filter(key => key.startsWith(this.#beginning))
      this.#keys = [...new Set([...next ? this.#keys : [], ...keys])]
      this.#listed = true
      // Those that begin so are next to each other.
      this.#next = keys.length < page.keys.length ? undefined : page.next
      this.#most = this.#keys.length + KEYS
      this.#problem = undefined
      this.#render()
      if (next) this.#box.querySelectorAll('.keys a')[first]?.focus()
    } catch (failure) {
      if (this.#frame.signal.aborted || list !== this.#lists) return
      this.#most = this.#keys.length + KEYS
      this.#problem = problemNote(failure)
      this.#render()
    }
  }

  // What is under the list.
  #more() {
    if (!this.#listed) return nothing
    if (this.#next) return button('More keys', () => this.#list(this.#next))
    return this.#keys.length ? nothing : html`<p class="none">${this.#typed ? 'No key matches.' : 'No keys yet.'}</p>`
  }

  get #typed() {
    return this.#filter.querySelector('input').value.trim()
  }

  // A text without a wildcard is how keys begin: their names need no tokens.
  get #beginning() {
    return WILDCARD.test(this.#typed) ? '' : this.#typed
  }

  /** The narrowest pattern of all that is asked for. */
  get #pattern() {
    const typed = this.#typed
    return WILDCARD.test(typed) ? typed : `${typed.slice(0, typed.lastIndexOf('.') + 1)}>`
  }

  // A caller who may not read all keys sees the changes of the key that is open. The events are only told, and `tail` keeps
  // none of them.
  #watch() {
    const keys = [this.#pattern, this.#key].filter(pattern => pattern && may('read', `${this.#bucket}.${pattern}`))
    if (this.#watched === keys.join(' ')) return
    this.#unwatch()
    this.#watched = keys.join(' ')
    this.#tell(keys.length ? 'Waiting for changes' : 'This caller may not watch these keys.')
    if (!keys.length) return
    this.#live = tail({ key: keys, from: 'new' }, {
      message: entry => this.#changed(entry),
      gap: () => this.#readAgain(),
      status: state => {
        this.#tell(state === 'connected' ? 'Changes appear here as they come.' : `Watch: ${state}`)
        if (state === 'connected' && this.#problem) this.#readAgain()
      },
      closed: async reason => {
        if (reason !== 'forbidden') return
        const why = await this.#lost('Sluice ended the watch.')
        if (this.#watched === undefined) this.#tell(`Sluice ended the watch: ${why}.`)
      },
      refused: ({ status, detail, title }) => status === UNAUTHENTICATED ? this.#lost(detail ?? title) : this.#unwatch(detail ?? title),
    }, {
      url: resource('buckets', this.#bucket, 'events').pathname,
      lastEventId: this.#ended?.watched === this.#watched ? this.#ended.id : undefined,
    })
    this.#ended = undefined
  }

  #lost(reason) {
    this.#ended = { watched: this.#watched, id: this.#live.lastEventId }
    this.#unwatch(reason)
    return this.#renewal.wait()
  }

  #unwatch(reason) {
    this.#live?.close()
    this.#live = this.#watched = undefined
    if (reason) this.#tell(reason)
  }

  // Keys are gone, or were written, without a change that tells it, or could not be read before.
  #readAgain() {
    this.#list()
    if (!this.#key) this.#describe()
    this.#entry?.again()
  }

  #tell(text) {
    this.#told = text
    this.#render()
  }

  #changed(change) {
    const { key, revision, operation } = change
    if (key !== this.#key && !key.startsWith(this.#beginning)) return
    this.#changes = [change, ...this.#changes].slice(0, CHANGES)
    if (key.startsWith(this.#beginning)) this.#keep(key, operation === 'put')
    this.#drawing ??= requestAnimationFrame(() => {
      this.#drawing = undefined
      this.#render()
    })
    if (key === this.#key) this.#entry.changed(revision)
  }

  // The list is in the order of the names. A key after those that are listed comes with its page.
  #keep(key, present) {
    const index = this.#place(key)
    const listed = this.#keys[index] === key
    if (listed && !present) this.#keys.splice(index, 1)
    if (listed || !present || index === this.#keys.length && (this.#next || !this.#listed)) return
    this.#keys.splice(index, 0, key)
    if (this.#keys.length <= this.#most) return
    // A page begins after the last key of the one before.
    this.#keys.pop()
    this.#next = this.#keys.at(-1)
  }

  /** The index of the first key that is not before this one. */
  #place(key) {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#keys[middle] < key) low = middle + 1
      else high = middle
    }
    return low
  }

  async #describe() {
    try {
      const bucket = await json(bucketUrl(this.#bucket), { signal: this.#frame.signal })
      this.#description = facts([
        ['Description', bucket.description && visible(bucket.description)],
        ['Revision', number(bucket.revision)],
        ['Values', `${number(bucket.values)}, earlier ones and deletions included`],
        ['Size', bucket.max_bytes ? `${size(bucket.bytes)} of ${size(bucket.max_bytes)}` : size(bucket.bytes)],
        ['History', bucket.history === undefined ? 'all revisions' : `${number(bucket.history)} of each key`],
        ['Kept', bucket.max_age ? `for ${span(bucket.max_age)}` : 'until deleted'],
        ['Storage', `${bucket.storage}, ${number(bucket.replicas)} ${bucket.replicas === 1 ? 'replica' : 'replicas'}`],
        ['Created', bucket.created && ago(bucket.created)],
      ])
    } catch (failure) {
      if (this.#frame.signal.aborted) return
      this.#description = problemNote(failure)
    }
    this.#render()
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
      body: html`<p>All of its keys and their history are deleted.</p>`,
      action: 'Delete',
      typed: this.#bucket,
      act: () => {
        this.#unwatch()
        return send(bucketUrl(this.#bucket), { method: 'DELETE' })
      },
    })
    if (this.#frame.signal.aborted) return
    if (done) this.#frame.go(address({ view: 'buckets' }))
    else this.#watch()
  }
}

/** What is before all texts that begin so, and after all others that are before them. */
const before = beginning => `${beginning.slice(0, -1)}${String.fromCharCode(beginning.charCodeAt(beginning.length - 1) - 1)}\uffff`

// --- one key --------------------------------------------------------------------------------------------------------

class EntryView {
  box = element('div', 'entry')
  #bucket
  #key
  #frame
  #told = ''
  #value = nothing
  #history = nothing
  #newest = 0
  #saving = false
  #removing = false
  #loads = 0 // a load is outdated if another one, or an edit, began after it

  constructor(bucket, key, frame) {
    this.#bucket = bucket
    this.#key = key
    this.#frame = frame
    this.#render()
    this.#load()
  }

  #render() {
    render(html`<div class="told" role="status">${this.#told}</div><div class="value">${this.#value}</div>
      <section class="history">${this.#history}</section>`, this.box)
  }

  /** Shows a newer revision. Over a text that is being edited it is only told. */
  async changed(revision) {
    if (this.#saving || revision <= this.#newest) return
    if (this.box.querySelector('textarea')) {
      this.#tell(`Somebody changed this key meanwhile: it has revision ${number(revision)} now.`)
      return
    }
    await this.again()
  }

  /** Reads the key again, unless a text of it is being edited. */
  async again() {
    if (!this.#saving && !this.box.querySelector('textarea') && !this.#frame.unsaved?.()) await this.#load()
  }

  async #load() {
    this.#frame.unsaved = undefined
    const load = ++this.#loads
    try {
      const { revisions, whole } = await this.#revisions()
      if (load !== this.#loads) return
      const last = revisions.at(-1)
      this.#newest = last.revision
      this.#value = last.operation === 'put' ? this.#present(last) : this.#deleted(last)
      this.#history = compared(revisions, whole)
    } catch (failure) {
      if (this.#frame.signal.aborted || load !== this.#loads) return
      this.#history = nothing
      this.#value = problemNote(failure)
    }
    this.#render()
  }

  // The present revision is the last. A history that is too long to be read whole has its oldest revisions before it.
  async #revisions() {
    const revisions = []
    let from
    for (let page = 0; page < HISTORIES && (page === 0 || from !== undefined); page++) {
      const answer = await this.#historyFrom(from)
      revisions.push(...answer.revisions)
      from = answer.next
    }
    if (from === undefined) return { revisions, whole: true }
    const newest = await this.#historyFrom(await this.#newestRevision())
    return { revisions: [...revisions, newest.revisions.at(-1)], whole: false }
  }

  async #historyFrom(revision) {
    const url = keyUrl(this.#bucket, 'history', this.#key)
    if (revision) url.searchParams.set('from', revision)
    return json(url, { signal: this.#frame.signal })
  }

  // The key itself knows it. A refusal has the revision of a deletion.
  async #newestRevision() {
    try {
      const answer = await send(keyUrl(this.#bucket, 'keys', this.#key), { method: 'HEAD', signal: this.#frame.signal })
      return answer.headers.get('Nats-Revision')
    } catch (failure) {
      const deletion = failure.headers?.get('Nats-Revision')
      if (deletion) return deletion
      throw failure
    }
  }

  #present(entry) {
    const text = entry.value !== undefined
    const edits = text && editable(entry.value)
    return html`${this.#facts(entry)}${text && !edits ? html`<p class="soft">${MIXED}</p>` : nothing}<div class="actions">
      ${edits ? this.#button('Edit', () => this.#edit(entry, entry.value)) : nothing}
      ${this.#button('Delete …', () => this.#remove(entry, false))}${this.#button('Purge …', () => this.#remove(entry, true))}
      ${button('Reload', () => this.#load())}</div>${payload(asPayload(entry))}`
  }

  #deleted(marker) {
    return html`${this.#facts(marker)}<p class="none">This key has no value any longer.</p>
      <div class="actions">${this.#button('New value', () => this.#edit(marker, ''))}</div>`
  }

  #button(label, act) {
    return button(label, act, { needs: `write ${this.#bucket}.${this.#key}` })
  }

  #facts({ revision, time, operation, headers }) {
    return facts([
      ['Revision', number(revision)],
      ['Written', html`${ago(time)}, ${moment(time)}`],
      ['Operation', operation === 'put' ? undefined : operation],
      ...named(headers),
    ])
  }

  // The text of the area is compared and written with the line ends that it had.
  #edit(entry, text) {
    let area
    const typed = () => edited(area.value, text)
    const unsaved = () => typed() !== (entry.operation === 'put' ? entry.value : '')
    const cancel = () => { if (!unsaved() || mayLose()) this.#load() }
    const show = (told = nothing) => {
      this.#value = html`<form class="edit" @submit=${save}><p class="soft">Saving writes over revision ${number(entry.revision)}, and only over it.</p>
        <textarea spellcheck="false" aria-label="Value of ${this.#key}" .value=${text}></textarea>
        <div class="told">${told}</div>
        <div class="choices">${button('Cancel', cancel)}<button class="main" ?disabled=${this.#saving}>Save</button></div></form>`
      this.#render()
    }
    const save = async event => {
      event.preventDefault()
      this.#saving = true
      show()
      try {
        const written = await json(keyUrl(this.#bucket, 'keys', this.#key), {
          method: 'PUT', headers: conditional(entry, typed()), body: typed(),
        })
        await this.#load()
        this.#tell(`Saved as revision ${number(written.revision)}.`)
      } catch (failure) {
        const told = failure instanceof Refusal && failure.status === PRECONDITION_FAILED ? await this.#conflict(entry, typed()) : problemNote(failure)
        this.#saving = false
        if (told) show(told)
      } finally {
        this.#saving = false
      }
    }
    this.#told = ''
    this.#loads++
    show()
    area = this.box.querySelector('textarea')
    this.#frame.unsaved = unsaved
    area.focus()
  }

  // Both values stay until the person has chosen: theirs in the bucket, and the text that was typed here. Resolves with what
  // to tell if theirs cannot be read.
  async #conflict(read, mine) {
    let theirs
    try {
      const { revisions, whole } = await this.#revisions()
      theirs = revisions.at(-1)
      this.#history = compared(revisions, whole)
    } catch (failure) {
      return problemNote(failure)
    }
    if (!theirs) return 'This key has no revision any longer.'
    this.#frame.unsaved = () => true
    const value = theirs.value ?? ''
    const binary = theirs.operation === 'put' && theirs.value === undefined
    const edits = !binary && editable(value)
    this.#value = html`<div class="note bad" role="alert"><strong>Somebody changed this key meanwhile</strong>
      <p>You edited revision ${number(read.revision)}. The key has revision ${number(theirs.revision)} now,
        ${theirs.operation === 'put' ? 'written' : 'a deletion'} ${relative(new Date(theirs.time))}. Nothing of yours was saved, and nothing is lost.</p></div>
      <h3>Their value, and yours</h3>
      ${binary ? html`<p class="soft">Their value is not text.</p>` : difference(value, mine, 'Their value, and yours')}
      <div class="actions">${button('Edit mine over theirs', () => this.#edit(theirs, mine), { kind: 'main' })}
        ${edits ? button('Edit theirs', () => this.#edit(theirs, value)) : nothing}${button('Keep theirs', () => this.#load())}</div>`
    this.#render()
    this.box.querySelector('.value .actions button').focus()
    return undefined
  }

  async #remove(entry, purge) {
    const url = keyUrl(this.#bucket, 'keys', this.#key)
    if (purge) url.searchParams.set('purge', 'true')
    if (this.#removing) return
    this.#removing = true
    const body = purge ? 'The value and all earlier revisions are deleted.' : await this.#afterDeletion()
    this.#removing = false
    if (this.#frame.signal.aborted) return
    const done = await ask({
      title: `${purge ? 'Purge' : 'Delete'} ${this.#key}?`,
      body: html`<p>${body}</p>`,
      action: purge ? 'Purge' : 'Delete',
      typed: this.#key,
      act: () => send(url, { method: 'DELETE', headers: { 'If-Match': `"${entry.revision}"` } }),
    })
    if (!done) return
    await this.#load()
    this.#tell(purge ? 'Purged.' : 'Deleted.')
  }

  // The deletion is a revision too, so a bucket that keeps one revision of a key keeps no value.
  async #afterDeletion() {
    let history
    try {
      ({ history } = await json(bucketUrl(this.#bucket), { signal: this.#frame.signal }))
    } catch {
      return 'The key has no value then. Earlier revisions stay only as far as the history of the bucket goes.'
    }
    if (history === undefined) return 'The key has no value then. Its earlier revisions stay in the history.'
    return history === 1 ? 'The value is lost: this bucket keeps one revision of a key, and then that is the deletion.'
      : `The key has no value then. The history keeps ${number(history)} revisions of a key, and the deletion is one of them.`
  }

  #tell(text) {
    this.#told = text
    this.#render()
  }
}

/** The revisions, and the difference of two of them that a person chooses. If they are not the whole history, it is told. */
function compared(revisions, whole) {
  const newest = revisions.toReversed()
  const choice = { before: newest[1] ?? newest[0], after: newest[0] }
  const place = element('div', 'compared')
  const radio = (entry, side) => html`<input type="radio" name=${side} .checked=${choice[side] === entry}
    aria-label="Compare revision ${entry.revision} as the one ${side}" @change=${() => {
      choice[side] = entry
      show()
    }}>`
  const text = entry => entry.value ?? entry.value_base64 ?? ''
  const show = () => render(html`<h3>History</h3>
    ${whole ? nothing : html`<p class="soft">The history is too long to be shown whole: here are its ${number(revisions.length - 1)} oldest
      revisions, and the present one.</p>`}
    ${table('History', [['Before'], ['After'], ['Revision', 'number'], ['Written'], ['Operation'], ['Value', 'wrap']], newest,
      ({ revision }) => revision, entry => [radio(entry, 'before'), radio(entry, 'after'),
        number(entry.revision), html`${ago(entry.time)}, ${moment(entry.time)}`, entry.operation,
        html`<code class="preview">${visible(text(entry).slice(0, 80))}</code>`])}
    ${newest.length > 1 ? html`<p class="soft">Revision ${number(choice.before.revision)} compared with ${number(choice.after.revision)}</p>
      ${difference(text(choice.before), text(choice.after), 'Difference of two revisions')}` : nothing}`, place)
  show()
  return place
}

const asPayload = ({ value, value_base64: base64 }) => ({ text: value ?? '', base64 })

// The headers that were stored with the value stay; NATS sets its own anew.
function conditional({ operation, headers: stored, revision }, text) {
  const headers = requestHeaders(operation === 'put' ? repeated(stored) : [])
  if (!headers.has('Content-Type')) headers.set('Content-Type', mediaType(text))
  headers.set('If-Match', `"${revision}"`)
  return headers
}
