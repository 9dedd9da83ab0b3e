// Object stores: their objects, with upload, download and a preview.
import { fromBytes } from './entry.js'
import { ask } from './dialog.js'
import { Unreachable, below, json, listing, refusal, resource, send, whole, withJson } from './http.js'
import { address, ago, button, cutNote, facts, field, heading, link, named, problemNote, table } from './parts.js'
import { payload } from './payload.js'
import { withheld } from './permissions.js'
import { reread } from './reread.js'
import { html, nothing, render, repeat } from './template.js'
import { element, moment, number, size, span, visible } from './text.js'

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

function all(box, { signal, go }) {
  reread(box, heading([['Object stores']], button('New store …', () => create(go), { needs: 'some administer *.*' })), async () => {
    const { entries: stores, cut } = await listing(resource('object-stores'), 'object_stores', signal)
    return stores.length ? [overview(stores), cutNote(cut, 'object stores')]
      : html`<p class="none">There is no object store that this caller may see. An object store keeps files of any size under their names.</p>`
  }, signal)
}

const overview = stores => table('Object stores', [['Store'], ['Size', 'number'], ['At most', 'number'], ['Kept'], ['Storage'],
  ['Replicas', 'number'], ['State']], stores, ({ store }) => store,
({ store, description, bytes, max_bytes: most, max_age: age, storage, replicas, sealed }) => [
  [link(store, { view: 'objects', store }, { kind: 'name' }), description ? html`<div class="soft">${visible(description)}</div>` : nothing],
  size(bytes), most ? size(most) : '–', age ? span(age) : 'always', storage, number(replicas), sealed ? 'sealed' : 'open',
])

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
  #box
  #filter = field('Objects', 'filter', { type: 'search', placeholder: 'all, or a beginning', onchange: () => this.#load() })
  #loads = 0 // a page is outdated if the objects were asked for anew after it
  #objects = []
  #more = nothing // what is under the list
  #entry = nothing
  #upload

  constructor(box, store, object, frame) {
    this.#store = store
    this.#object = object
    this.#frame = frame
    this.#box = box
    this.#render()
    this.#load()
    this.#open(object === null ? () => this.#description() : () => this.#content())
  }

  #render() {
    const trail = [['Object stores', { view: 'objects' }], [this.#store, { view: 'objects', store: this.#store }],
      ...this.#object === null ? [] : [[this.#object]]]
    render(html`${heading(trail, button('Delete store …', () => this.#removeStore(), { needs: `administer OBJ_${this.#store}.*` }))}
      <div class="browser ${this.#object === null ? '' : 'with-entry'}"><section class="list" aria-label="Objects">${this.#filter}
        <ul class="keys">${repeat(this.#objects, ({ name }) => name, object => html`<li>${this.#link(object)}</li>`)}</ul>
        <div>${this.#more}</div></section>
        <div class="entry">${this.#entry}</div></div>`, this.#box)
  }

  async #load(next) {
    const load = ++this.#loads
    try {
      const url = resource('object-stores', this.#store, 'objects')
      const prefix = this.#filter.querySelector('input').value
      url.searchParams.set('limit', OBJECTS)
      if (prefix) url.searchParams.set('prefix', prefix)
      if (next) url.searchParams.set('next', next)
      const page = await json(url, { signal: this.#frame.signal })
      if (load !== this.#loads) return
      const first = next ? this.#objects.length : 0
      this.#objects = [...next ? this.#objects : [], ...page.objects]
      this.#more = page.next ? button('More objects', () => this.#load(page.next))
        : this.#objects.length ? nothing : html`<p class="none">${prefix ? 'No name begins so.' : 'No objects yet.'}</p>`
      this.#render()
      if (next) this.#box.querySelectorAll('.keys a')[first]?.focus()
    } catch (failure) {
      if (this.#frame.signal.aborted || load !== this.#loads) return
      this.#more = problemNote(failure, () => this.#load(next))
      this.#render()
    }
  }

  #link({ name, size: bytes, link: target }) {
    return link(html`${visible(name)} <span class="soft">${target ? 'link' : size(bytes)}</span>`,
      { view: 'objects', store: this.#store, object: name }, { current: name === this.#object })
  }

  async #open(read) {
    try {
      this.#entry = await read()
    } catch (failure) {
      if (this.#frame.signal.aborted) return
      this.#entry = problemNote(failure, () => this.#open(read))
    }
    this.#render()
  }

  async #description() {
    const store = await json(storeUrl(this.#store), { signal: this.#frame.signal })
    this.#upload ??= new Upload(this.#store, this.#frame, () => {
      this.#load()
      this.#open(() => this.#description())
    })
    return [facts([
      ['Description', store.description && visible(store.description)],
      ['Size', store.max_bytes ? `${size(store.bytes)} of ${size(store.max_bytes)}` : size(store.bytes)],
      ['Kept', store.max_age ? `for ${span(store.max_age)}` : 'until deleted'],
      ['Storage', `${store.storage}, ${number(store.replicas)} ${store.replicas === 1 ? 'replica' : 'replicas'}`],
      ['State', store.sealed ? 'sealed: it never changes again' : undefined],
      ['Created', store.created && ago(store.created)],
    ]), store.sealed ? nothing : this.#upload.place]
  }

  // The metadata of one object is in the list only; a name is the whole of a prefix that only longer names share.
  async #content() {
    const url = resource('object-stores', this.#store, 'objects')
    url.searchParams.set('prefix', this.#object)
    url.searchParams.set('limit', 1)
    const { objects: [object] } = await json(url, { signal: this.#frame.signal })
    if (object?.name !== this.#object) return html`<p class="none">There is no object of this name any longer.</p>`
    const known = [this.#facts(object), this.#actions(object)]
    this.#entry = known
    this.#render()
    try {
      return [...known, html`<div class="value">${await this.#preview(object)}</div>`]
    } catch (failure) {
      if (this.#frame.signal.aborted) throw failure
      return [...known, problemNote(failure)]
    }
  }

  #facts({ description, size: bytes, chunks, digest, modified, headers, metadata, link: target }) {
    return facts([
      ['Description', description && visible(description)],
      ['Size', `${bytes < 1024 ? '' : `${size(bytes)}, `}${number(bytes)} ${bytes === 1 ? 'byte' : 'bytes'} in ${number(chunks)} ${chunks === 1 ? 'chunk' : 'chunks'}`],
      ['Stored', html`${ago(modified)}, ${moment(modified)}`],
      ['Digest', digest],
      ['Link to', target && visible([target.store, target.name].filter(Boolean).join(' / '))],
      ...named(headers), ...named(metadata),
    ])
  }

  #actions({ name, digest }) {
    return html`<div class="actions"><a class="button" href=${objectUrl(this.#store, name)} download=${name.split('/').at(-1)}>Download</a>${
      button('Delete …', () => this.#remove(name, digest), { needs: `object-write ${this.#store}.${permission(name)}` })}</div>`
  }

  async #preview({ name, size: bytes, headers, link: target }) {
    const url = objectUrl(this.#store, name)
    const type = headers?.['Content-Type']?.[0] ?? ''
    if (bytes === 0 && !target) return html`<p class="none">The object is empty.</p>`
    if (IMAGE.test(type) && bytes <= IMAGE_BYTES) return html`<img class="image" src=${url} alt=${name}>`
    const response = await send(url, { headers: { Range: `bytes=0-${TEXT_BYTES - 1}` }, signal: this.#frame.signal })
    const data = new Uint8Array(await whole(response.arrayBuffer()))
    return [bytes > data.length ? html`<p class="soft">The first ${size(data.length)} of ${size(bytes)}</p>` : nothing, payload(fromBytes(data))]
  }

  async #remove(name, digest) {
    const done = await ask({
      title: `Delete ${name}?`,
      body: html`<p>The object is deleted. It has no history.</p>`,
      action: 'Delete',
      typed: name,
      act: () => send(objectUrl(this.#store, name), { method: 'DELETE', headers: digest ? { 'If-Match': `"${digest}"` } : {} }),
    })
    if (done) this.#frame.go(address({ view: 'objects', store: this.#store }))
  }

  async #removeStore() {
    const done = await ask({
      title: `Delete the object store ${this.#store}?`,
      body: html`<p>All of its objects are deleted.</p>`,
      action: 'Delete',
      typed: this.#store,
      act: () => send(storeUrl(this.#store), { method: 'DELETE' }),
    })
    if (done) this.#frame.go(address({ view: 'objects' }))
  }
}

// --- an upload ------------------------------------------------------------------------------------------------------

class Upload {
  place = element('div')
  #store
  #frame
  #stored
  #file = field('File', 'file', { type: 'file', required: true, onchange: ({ target: { files: [file] } }) => {
    if (file) this.#name.querySelector('input').value = file.name
  } })
  #name = field('Name', 'name', { required: true })
  #running
  #whole // whether all of the file was sent: then Sluice may have stored it without saying so

  /** @param stored called after an object was stored, or may have been */
  constructor(store, frame, stored) {
    this.#store = store
    this.#frame = frame
    this.#stored = stored
    this.#tell(nothing)
    frame.signal.addEventListener('abort', () => this.#running?.abort())
  }

  #tell(told) {
    const needs = `some object-write ${this.#store}.>`
    render(html`<form class="edit upload" data-needs=${needs} ?data-withheld=${withheld(needs)} @submit=${event => {
      event.preventDefault()
      const [file] = this.#file.querySelector('input').files
      this.#begin(file, this.#name.querySelector('input').value, { 'If-None-Match': '*' })
    }}><h3>Upload</h3>${this.#file}${this.#name}
      <div class="choices"><button class="main" ?disabled=${Boolean(this.#running)}>Upload</button></div>
      <div class="told" role="status">${told}</div></form>`, this.place)
  }

  async #begin(file, name, condition) {
    this.#frame.unsaved = () => Boolean(this.#running)
    let told
    try {
      const { created, size: bytes } = await this.#send(file, name, condition)
      told = html`${created ? 'Stored' : 'Replaced'}: ${link(visible(name), { view: 'objects', store: this.#store, object: name })}, ${size(bytes)}.`
      this.place.querySelector('form').reset()
      this.#stored()
    } catch (failure) {
      if (this.#frame.signal.aborted) return
      told = failure.status === PRECONDITION_FAILED ? this.#offerToReplace(file, name)
        : failure === ABORTED ? `Cancelled. ${this.#outcome()}` : problemNote(failure)
      if (this.#whole) this.#stored()
    } finally {
      this.#running = undefined
    }
    this.#tell(told)
  }

  #offerToReplace(file, name) {
    return html`<div class="note bad"><strong>${visible(`There is an object ${name} already`)}</strong>
      <p>${button('Replace it …', () => this.#replace(file, name))}</p></div>`
  }

  async #replace(file, name) {
    const agreed = await ask({
      title: `Replace ${name}?`,
      body: html`<p>The present object is deleted. It has no history.</p>`,
      action: 'Replace',
      typed: name,
      act: () => {},
    })
    if (agreed) await this.#begin(file, name, { 'If-Match': '*' })
  }

  #outcome() {
    return this.#whole ? 'All of it was sent before, so it may be stored.' : 'Nothing was stored.'
  }

  // Only an XMLHttpRequest tells how much of a body was sent.
  #send(file, name, condition) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      this.#running = request
      this.#whole = !file.size
      request.upload.onload = () => { this.#whole = true }
      const progress = (done, text) => this.#tell(html`<progress max=${Math.max(1, file.size)} value=${done} aria-label="Upload of ${name}"></progress>
        <span class="soft">${text}</span> ${button('Cancel', () => request.abort())}`)
      progress(0, 'beginning')
      request.upload.onprogress = ({ loaded }) => progress(loaded, `${size(loaded)} of ${size(file.size)}`)
      request.onload = () => {
        const answer = parsed(request.responseText)
        if (request.status < 300) resolve({ ...answer, created: request.status === 201 })
        else reject(refusal(answer, request))
      }
      request.onerror = () => reject(new Unreachable(`The connection was lost. ${this.#outcome()}`))
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
