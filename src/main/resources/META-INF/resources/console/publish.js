// Publishes a message or sends a request, and shows what came back.
import { curl } from './commands.js'
import { mayLose } from './dialog.js'
import { base64, bytes, fromBytes } from './entry.js'
import { mediaType, pairs, repeated, requestHeaders } from './headers.js'
import { Problem, json, resource, send, whole } from './http.js'
import { Memory } from './memory.js'
import { NOT_BLANK, button, copyButton, facts, field, heading, link, problemNote } from './parts.js'
import { payload } from './payload.js'
import { may, maySome } from './permissions.js'
import { origin } from './streams.js'
import { html, nothing, render, repeat } from './template.js'
import { element, number, visible } from './text.js'

const BLAMED = { 'bad-subject': 'subject', 'no-stream': 'subject', 'no-responders': 'subject', forbidden: 'subject', 'too-large': 'body' }
const STREAM_MS = 2_000 // at most, to learn how the stream is read
const WAYS = [['stored', 'Publish, stored by a stream'], ['none', 'Publish to subscribers only'], ['request', 'Request, and wait for the reply']]

export const title = 'Publish'

export function open(box, parameters, frame) {
  new PublishView(box, { subject: parameters.get('subject') ?? '', ...history.state?.message }, frame)
}

/** What the form takes of an entry of the tail, to be published again. A text area would change CR, so a text with it is bytes. */
export function draft(entry) {
  const { subject, headers, text } = entry
  const asBytes = entry.base64 !== undefined || text.includes('\r')
  return {
    subject, headers: repeated(headers).map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: asBytes ? base64(bytes(entry)) : text, encoding: asBytes ? 'base64' : 'text',
  }
}

class PublishView {
  #form
  #answer
  #memory = new Memory('templates')
  #templates = element('div', 'templates')
  #forbidden = element('p', 'soft')
  #signal
  #kept // the text that the form was filled with, or that was sent
  #sending = false

  constructor(box, draft, frame) {
    const { signal } = frame
    this.#signal = signal
    frame.unsaved = () => this.#text() !== this.#kept
    render([heading([['Publish']]), html`<div class="columns">
      <form class="publish" @submit=${event => {
        event.preventDefault()
        this.#send()
      }} @input=${() => this.#offer()}>
        ${field('Subject', 'subject', { required: true, placeholder: 'logs.web.info' })}
        ${field('Send as', 'way', { options: WAYS })}
        ${field('Wait at most', 'timeout', { value: '2s' })}
        ${field('Headers', 'headers', { type: 'area', rows: 3, hint: 'One on each line, as Name: value. Nats-Msg-Id makes a repeated publish safe.' })}
        ${field('Body', 'body', { type: 'area', rows: 10 })}
        ${field('The body is', 'encoding', { options: [['text', 'text'], ['base64', 'base64 of bytes']] })}
        ${this.#forbidden}
        <div class="choices"><button class="main">Send</button>${copyButton('Copy curl', () => this.#curl())}
          ${button('Remember as …', () => this.#remember())}</div></form>
      <div class="side">${this.#templates}<section class="answer" aria-label="Answer" aria-live="polite"></section></div></div>`], box)
    this.#form = box.querySelector('form')
    this.#answer = box.querySelector('.answer')
    this.#forbidden.id = 'publish-forbidden'
    addEventListener('permissions', () => this.#offer(), { signal })
    this.#fill({ way: 'stored', timeout: '2s', headers: '', body: '', encoding: 'text', ...draft })
    this.#showTemplates()
  }

  #named(name) {
    return this.#form.elements[name]
  }

  #use(template) {
    if (this.#text() === this.#kept || mayLose('Use the template')) this.#fill(template)
  }

  #fill(draft) {
    for (const [name, value] of Object.entries(draft)) if (this.#named(name)) this.#named(name).value = value
    this.#kept = this.#text()
    this.#offer()
  }

  #text() {
    return `${this.#named('headers').value}\n\n${this.#named('body').value}`
  }

  #offer() {
    const request = this.#named('way').value === 'request'
    const subject = this.#named('subject').value.trim()
    const verb = request ? 'request' : 'publish'
    this.#named('timeout').closest('.field').hidden = !request
    this.#forbidden.hidden = !subject || may(verb, subject)
    this.#forbidden.textContent = `You may not ${request ? 'send requests to' : 'publish to'} ${subject}.`
    this.#form.querySelector('button.main').disabled = this.#sending || !this.#forbidden.hidden
  }

  #draft() {
    return Object.fromEntries(new FormData(this.#form))
  }

  // As an entry of the tail, so that the same commands are made of both.
  #message() {
    const { subject, headers, body, encoding } = this.#draft()
    const named = {}
    for (const line of headers.split('\n').filter(Boolean)) {
      const colon = line.indexOf(':')
      if (colon < 1) throw mistake('headers', `${line} is not a header: write Name: value`)
      const name = line.slice(0, colon).trim()
      named[name] = [...named[name] ?? [], line.slice(colon + 1).trim()]
    }
    const message = { subject: subject.trim(), headers: named, text: body, ...encoding === 'base64' ? { base64: body.replaceAll(/\s/g, '') } : {} }
    try {
      message.bytes = bytes(message)
    } catch {
      throw mistake('body', 'The body is not base64')
    }
    return message
  }

  #url({ subject }) {
    const { way, timeout } = this.#draft()
    const url = resource(way === 'request' ? 'request' : 'publish', subject)
    if (way === 'request') url.searchParams.set('timeout', timeout)
    if (way === 'none') url.searchParams.set('ack', 'none')
    return url
  }

  // A fetch would name the type of a text, and of bytes none.
  #headers({ headers, text, base64 }) {
    const named = pairs(headers)
    return named.some(([name]) => name.toLowerCase() === 'content-type') ? named
      : [['Content-Type', base64 === undefined ? mediaType(text) : 'application/octet-stream'], ...named]
  }

  #curl() {
    this.#forgive()
    try {
      const message = this.#message()
      return curl(message, this.#url(message), this.#headers(message))
    } catch (failure) {
      this.#blame(failure)
      return undefined
    }
  }

  // Until the answer there is no second one, which would store the message twice.
  async #send() {
    if (this.#sending) return
    const { activeElement: focused } = document
    this.#sending = true
    this.#offer()
    await this.#sendOnce()
    this.#sending = false
    this.#offer()
    if (document.activeElement === document.body) focused.focus()
  }

  async #sendOnce() {
    this.#forgive()
    const request = this.#draft().way === 'request'
    const text = this.#text()
    const begin = performance.now()
    try {
      const message = this.#message()
      const headers = requestHeaders(this.#headers(message))
      const response = await send(this.#url(message), { method: 'POST', headers, body: message.bytes, signal: this.#signal })
      const millis = Math.round(performance.now() - begin)
      this.#kept = text
      if (request) await this.#showReply(response, millis)
      else if (response.status === 202) this.#show('Published', [['Answered', `202 after ${number(millis)} ms`],
        ['Stored', 'no: it went to those who subscribe now']])
      else await this.#showReceipt(await whole(response.json()), response.status, message.subject, millis)
    } catch (failure) {
      if (!this.#signal.aborted) this.#blame(failure)
    }
  }

  #show(title, values, more = nothing) {
    this.#draw(html`<h3>${title}</h3>${facts(values)}${more}`)
  }

  async #showReceipt({ stream, seq, duplicate }, status, subject, millis) {
    const show = more => this.#show(duplicate ? 'Stored before' : 'Stored', [
      ['Stream', link(stream, { view: 'streams', stream })],
      ['Sequence', number(seq)],
      ['Duplicate', duplicate ? 'yes: a message with this id is stored already' : undefined],
      ['Answered', `${status} after ${number(millis)} ms`],
    ], more)
    show(nothing)
    show(link('Show it in the tail', [['subject', subject], ['from', `seq:${seq}`], await this.#origin(stream)],
      { kind: 'button', needs: `subscribe ${subject}`, hash: `#${seq}` }))
  }

  // Who may not see the stream gets the link for the streams that are usual.
  async #origin(stream) {
    const usual = ['source', 'stream']
    if (!maySome('consume', `${stream}.*`) && !maySome('administer', `${stream}.*`)) return usual
    try {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(STREAM_MS)])
      return origin(await json(resource('streams', stream), { signal }))
    } catch {
      return usual
    }
  }

  async #showReply(response, millis) {
    const data = new Uint8Array(await whole(response.arrayBuffer()))
    const headers = [...response.headers].filter(([name]) => name === 'content-type' || name.startsWith('natsh-'))
    this.#show('Reply', [
      ['Answered', `${response.status} after ${number(millis)} ms`],
      ['Size', `${number(data.length)} bytes`],
      ...headers.map(([name, value]) => [visible(name.replace(/^natsh-/, '')), visible(value)]),
    ], payload(fromBytes(data)))
  }

  #blame(failure) {
    const { problem } = failure
    const name = problem?.parameter ?? BLAMED[problem?.type?.split('/').at(-1)]
    const input = name && this.#named(name)
    this.#draw(html`<div id="publish-problem">${problemNote(failure)}</div>`)
    if (!input) return
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', 'publish-problem')
    input.focus()
  }

  // On a phone the answer is below the form.
  #draw(answer) {
    render(answer, this.#answer)
    this.#answer.scrollIntoView({ block: 'nearest' })
  }

  #forgive() {
    for (const input of this.#form.querySelectorAll('[aria-invalid]')) {
      input.removeAttribute('aria-invalid')
      input.removeAttribute('aria-describedby')
    }
  }

  #remember() {
    const name = field('Name', 'template', { value: this.#named('subject').value, ...NOT_BLANK })
    const told = element('div', 'told')
    const remember = event => {
      event.preventDefault()
      try {
        this.#memory.keep(name.querySelector('input').value.trim(), this.#draft())
      } catch (failure) {
        render(problemNote(failure), told)
        return
      }
      this.#kept = this.#text()
      this.#showTemplates()
      this.#templates.querySelector('button')?.focus()
    }
    render(html`<h3>Templates</h3><form class="remember" @submit=${remember}>${name}<button class="main">Remember</button>${told}</form>`, this.#templates)
    name.querySelector('input').select()
  }

  #showTemplates() {
    const all = [...this.#memory.all].toReversed()
    const forget = name => {
      this.#memory.forget(name)
      this.#showTemplates()
    }
    render(html`<h3>Templates</h3>${all.length
      ? html`<ul class="plain">${repeat(all, ([name]) => name, ([name, draft]) => html`<li>${
        button(name, () => this.#use(draft), { kind: 'template' })}${button('×', () => forget(name), { name: `Forget ${name}` })}</li>`)}</ul>`
      : html`<p class="soft">A message that you send often can be remembered here, by this browser only.</p>`}`, this.#templates)
  }
}

/** What the form itself finds wrong. */
const mistake = (field, title) => new Problem({ title, parameter: field })
