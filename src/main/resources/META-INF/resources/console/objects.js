// Object stores: their objects, with upload, download and a preview.
import { fromBytes } from './entry.js'
import { ask } from './dialog.js'
import { Refusal, below, json, resource, send, withJson } from './http.js'
import { address, button, facts, field, heading, link, problemNote, table } from './parts.js'
import { payload } from './payload.js'
import { only } from './permissions.js'
import { clock, element, number, relative, size, span, visible } from './text.js'

const LISTINGS = 8 // pages of 256 stores
const OBJECTS = 200 // of a page
const TEXT_BYTES = 256 * 1024 // read for a preview
const IMAGE_BYTES = 16 * 1024 * 1024
const IMAGE = /^image\/(png|jpeg|gif|webp|avif|svg\+xml)\b/i // shown as an image, in which nothing runs
const PRECONDITION_FAILED = 412

export const title = 'Object stores'

export function open(box, parameters, frame) {
  const store = parameters.get('store')
  if (store) new StoreView(box, store, parameters.get('object'), frame)
  else all(box, frame)
}

const storeUrl = store => resource('object-stores', store)
const objectUrl = (store, name) => below(name, 'object-stores', store, 'objects')

/** The name as permissions see it: what a subject pattern cannot have is percent-encoded. */
const permission = name => name.replaceAll(/[%*>\p{Cc}\p{Cf}\p{Cn}\p{Z}\ufffd]/gu,
  character => [...new TextEncoder().encode(character)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''))

// --- all stores -----------------------------------------------------------------------------------------------------

async function all(box, { signal, go }) {
  const list = element('div', 'loading', 'Loading …')
  box.append(heading([['Object stores']], only('some administer *.*', button('New store …', () => create(go)))), list)
  try {
    const stores = []
    let offset = 0
    for (let page = 0; page < LISTINGS && offset !== undefined; page++) {
      const url = resource('object-stores')
      if (offset) url.searchParams.set('offset', offset)
      const answer = await json(url, { signal })
      stores.push(...answer.object_stores)
      offset = answer.next_offset
    }
    list.className = ''
    list.replaceChildren(stores.length ? overview(stores) : element('p', 'none',
      'There is no object store that this caller may see. An object store keeps files of any size under their names.'))
  } catch (failure) {
    if (!signal.aborted) list.replaceWith(problemNote(failure))
  }
}

function overview(stores) {
  return table('Object stores', [['Store'], ['Size', 'number'], ['At most', 'number'], ['Kept'], ['Storage'], ['Replicas', 'number'], ['State']],
    stores.map(({ store, description, bytes, max_bytes: most, max_age: age, storage, replicas, sealed }) => [
      [link(store, { view: 'objects', store }, 'name'), ...description ? [element('div', 'soft', visible(description))] : []],
      size(bytes), most ? size(most) : '–', age ? span(age) : 'always', storage, number(replicas), sealed ? 'sealed' : 'open',
    ]))
}

async function create(go) {
  let made
  const done = await ask({
    title: 'New object store',
    body: [field('Name', 'store', { required: true, pattern: '[A-Za-z0-9_\\-]+', title: 'Letters, digits, - and _' }),
      field('Description', 'description'),
      field('An object expires after', 'max_age', { placeholder: 'never, or 24h' }),
      field('Storage', 'storage', { options: [['file', 'file'], ['memory', 'memory']], value: 'file' })],
    action: 'Create',
    act: async form => {
      made = form.get('store')
      await send(storeUrl(made), withJson('PUT', {
        description: form.get('description') || undefined,
        max_age: form.get('max_age') || undefined,
        storage: form.get('storage'),
      }))
    },
  })
  if (done) go(address({ view: 'objects', store: made }))
}

// --- one store ------------------------------------------------------------------------------------------------------

class StoreView {
  #store
  #object
  #frame
  #list = element('ul', 'keys')
  #more = element('div')
  #entry = element('div', 'entry')
  #filter = field('Objects', 'filter', { type: 'search', placeholder: 'all, or a beginning' })

  constructor(box, store, object, frame) {
    this.#store = store
    this.#object = object
    this.#frame = frame
    const trail = [['Object stores', { view: 'objects' }], [store, { view: 'objects', store }], ...object === null ? [] : [[object]]]
    const list = element('section', 'list', this.#filter, this.#list, this.#more)
    list.setAttribute('aria-label', 'Objects')
    box.append(heading(trail, only(`administer OBJ_${store}.*`, button('Delete store …', () => this.#removeStore()))),
      element('div', object === null ? 'browser' : 'browser with-entry', list, this.#entry))
    this.#filter.onchange = () => this.#load()
    this.#load()
    if (object === null) this.#describe()
    else this.#show()
  }

  async #load(next) {
    try {
      const url = resource('object-stores', this.#store, 'objects')
      const prefix = this.#filter.querySelector('input').value
      url.searchParams.set('limit', OBJECTS)
      if (prefix) url.searchParams.set('prefix', prefix)
      if (next) url.searchParams.set('next', next)
      const page = await json(url, { signal: this.#frame.signal })
      const items = page.objects.map(object => element('li', '', this.#link(object)))
      if (next) this.#list.append(...items)
      else this.#list.replaceChildren(...items)
      this.#more.replaceChildren(...page.next ? [button('More objects', () => this.#load(page.next))]
        : this.#list.children.length ? [] : [element('p', 'none', prefix ? 'No name begins so.' : 'No objects yet.')])
      if (next) items[0]?.firstChild.focus()
    } catch (failure) {
      if (!this.#frame.signal.aborted) this.#more.replaceChildren(problemNote(failure))
    }
  }

  #link({ name, size: bytes, link: target }) {
    const made = link(visible(name), { view: 'objects', store: this.#store, object: name })
    made.append(' ', element('span', 'soft', target ? 'link' : size(bytes)))
    if (name === this.#object) made.setAttribute('aria-current', 'true')
    return made
  }

  async #describe() {
    try {
      const store = await json(storeUrl(this.#store), { signal: this.#frame.signal })
      const known = facts([
        ['Description', store.description && visible(store.description)],
        ['Size', store.max_bytes ? `${size(store.bytes)} of ${size(store.max_bytes)}` : size(store.bytes)],
        ['Kept', store.max_age ? `for ${span(store.max_age)}` : 'until deleted'],
        ['Storage', `${store.storage}, ${number(store.replicas)} ${store.replicas === 1 ? 'replica' : 'replicas'}`],
        ['State', store.sealed ? 'sealed: it never changes again' : undefined],
        ['Created', store.created && relative(new Date(store.created))],
      ])
      const upload = new Upload(this.#store, this.#frame, () => this.#load())
      this.#entry.replaceChildren(known, ...store.sealed ? [] : [only(`some object-write ${this.#store}.>`, upload.form)])
    } catch (failure) {
      if (!this.#frame.signal.aborted) this.#entry.replaceChildren(problemNote(failure))
    }
  }

  // The metadata of one object is in the list only; a name is the whole of a prefix that only longer names share.
  async #show() {
    try {
      const url = resource('object-stores', this.#store, 'objects')
      url.searchParams.set('prefix', this.#object)
      url.searchParams.set('limit', 1)
      const { objects: [object] } = await json(url, { signal: this.#frame.signal })
      if (object?.name !== this.#object) {
        this.#entry.replaceChildren(element('p', 'none', 'There is no object of this name any longer.'))
        return
      }
      const view = element('div', 'value')
      this.#entry.replaceChildren(this.#facts(object), this.#actions(object), view)
      view.append(...await this.#preview(object))
    } catch (failure) {
      if (!this.#frame.signal.aborted) this.#entry.replaceChildren(problemNote(failure))
    }
  }

  #facts({ description, size: bytes, chunks, digest, modified, headers, metadata, link: target }) {
    return facts([
      ['Description', description && visible(description)],
      ['Size', `${size(bytes)}, ${number(bytes)} bytes in ${number(chunks)} ${chunks === 1 ? 'chunk' : 'chunks'}`],
      ['Stored', `${relative(new Date(modified))}, ${clock(modified)}`],
      ['Digest', digest],
      ['Link to', target && visible([target.store, target.name].filter(Boolean).join(' / '))],
      ...Object.entries(headers ?? {}).flatMap(([name, values]) => values.map(value => [visible(name), visible(value)])),
      ...Object.entries(metadata ?? {}).map(([name, value]) => [visible(name), visible(value)]),
    ])
  }

  #actions({ name, digest }) {
    const download = element('a', 'button', 'Download')
    download.href = objectUrl(this.#store, name)
    download.download = name.split('/').at(-1)
    return element('div', 'actions', download,
      only(`object-write ${this.#store}.${permission(name)}`, button('Delete …', () => this.#remove(name, digest))))
  }

  async #preview({ name, size: bytes, headers, link: target }) {
    const url = objectUrl(this.#store, name)
    const type = headers?.['Content-Type']?.[0] ?? ''
    if (bytes === 0 && !target) return [element('p', 'none', 'The object is empty.')]
    if (IMAGE.test(type) && bytes <= IMAGE_BYTES) {
      const image = element('img', 'image')
      image.src = url
      image.alt = name
      return [image]
    }
    const response = await send(url, { headers: { Range: `bytes=0-${TEXT_BYTES - 1}` }, signal: this.#frame.signal })
    const data = new Uint8Array(await response.arrayBuffer())
    const note = bytes > data.length ? [element('p', 'soft', `The first ${size(data.length)} of ${size(bytes)}`)] : []
    return [...note, ...payload(fromBytes(data))]
  }

  async #remove(name, digest) {
    const done = await ask({
      title: `Delete ${name}?`,
      body: [element('p', '', 'The object is deleted. It has no history.')],
      action: 'Delete',
      typed: name,
      act: () => send(objectUrl(this.#store, name), { method: 'DELETE', headers: digest ? { 'If-Match': `"${digest}"` } : {} }),
    })
    if (done) this.#frame.go(address({ view: 'objects', store: this.#store }))
  }

  async #removeStore() {
    const done = await ask({
      title: `Delete the object store ${this.#store}?`,
      body: [element('p', '', 'All of its objects are deleted.')],
      action: 'Delete',
      typed: this.#store,
      act: () => send(storeUrl(this.#store), { method: 'DELETE' }),
    })
    if (done) this.#frame.go(address({ view: 'objects' }))
  }
}

// --- an upload ------------------------------------------------------------------------------------------------------

class Upload {
  form
  #store
  #frame
  #stored
  #file = field('File', 'file', { type: 'file', required: true })
  #name = field('Name', 'name', { required: true })
  #told = element('div', 'told')
  #running

  /** @param stored called after an object was stored */
  constructor(store, frame, stored) {
    this.#store = store
    this.#frame = frame
    this.#stored = stored
    this.#told.setAttribute('role', 'status')
    this.form = element('form', 'edit upload', element('h3', '', 'Upload'), this.#file, this.#name,
      element('div', 'choices', element('button', 'main', 'Upload')), this.#told)
    this.#file.onchange = () => {
      const [file] = this.#file.querySelector('input').files
      if (file) this.#name.querySelector('input').value = file.name
    }
    this.form.onsubmit = event => {
      event.preventDefault()
      this.#begin({ 'If-None-Match': '*' })
    }
    frame.signal.addEventListener('abort', () => this.#running?.abort())
  }

  async #begin(condition) {
    const [file] = this.#file.querySelector('input').files
    const name = this.#name.querySelector('input').value
    const send = this.form.querySelector('button.main')
    send.disabled = true
    this.#frame.unsaved = () => Boolean(this.#running)
    try {
      const { created, size: bytes } = await this.#send(file, name, condition)
      const shown = link(visible(name), { view: 'objects', store: this.#store, object: name })
      this.#told.replaceChildren(created ? 'Stored: ' : 'Replaced: ', shown, `, ${size(bytes)}.`)
      this.form.reset()
      this.#stored()
    } catch (failure) {
      if (this.#frame.signal.aborted) return
      if (failure.status === PRECONDITION_FAILED) this.#offerToReplace(name)
      else this.#told.replaceChildren(failure === ABORTED ? 'Cancelled. Nothing was stored.' : problemNote(failure))
    } finally {
      this.#running = undefined
      send.disabled = false
    }
  }

  #offerToReplace(name) {
    this.#told.replaceChildren(element('div', 'note bad', element('strong', '', visible(`There is an object ${name} already`)),
      element('p', '', button('Replace it', () => this.#begin({ 'If-Match': '*' })))))
  }

  // Only an XMLHttpRequest tells how much of a body was sent.
  #send(file, name, condition) {
    const bar = element('progress')
    bar.max = Math.max(1, file.size)
    bar.value = 0
    bar.setAttribute('aria-label', `Upload of ${name}`)
    const sent = element('span', 'soft', 'beginning')
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      this.#running = request
      this.#told.replaceChildren(bar, ' ', sent, ' ', button('Cancel', () => request.abort()))
      request.upload.onprogress = ({ loaded }) => {
        bar.value = loaded
        sent.textContent = `${size(loaded)} of ${size(file.size)}`
      }
      request.onload = () => {
        const answer = parsed(request.responseText)
        if (request.status < 300) resolve({ ...answer, created: request.status === 201 })
        else reject(new Refusal(answer?.title ? answer : { title: `Refused with status ${request.status}` }, request))
      }
      request.onerror = () => reject(new TypeError('The connection was lost. Nothing was stored.'))
      request.onabort = () => reject(ABORTED)
      request.open('PUT', objectUrl(this.#store, name))
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
      for (const [header, value] of Object.entries(condition)) request.setRequestHeader(header, value)
      request.send(file)
    })
  }
}

const ABORTED = new Error('Cancelled')

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
