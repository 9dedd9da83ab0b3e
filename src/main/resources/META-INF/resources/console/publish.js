// Publishes a message or sends a request, and shows what came back.
import { curl, pairs, repeated, sent } from './commands.js'
import { mayLose } from './dialog.js'
import { bytes, fromBytes } from './entry.js'
import { Problem, resource, send, whole } from './http.js'
import { Memory } from './memory.js'
import { button, copyButton, facts, field, heading, link, problemNote } from './parts.js'
import { payload } from './payload.js'
import { may } from './permissions.js'
import { html, nothing, render, repeat } from './template.js'
import { element, number, visible } from './text.js'

const BLAMED = { 'bad-subject': 'subject', 'no-stream': 'subject', 'no-responders': 'subject', forbidden: 'subject', 'too-large': 'body' }
const WAYS = [['stored', 'Publish, stored by a stream'], ['none', 'Publish to subscribers only'], ['request', 'Request, and wait for the reply']]

export const title = 'Publish'

export function open(box, parameters, frame) {
  new PublishView(box, { subject: parameters.get('subject') ?? '', ...history.state?.message }, frame)
}

/** What the form takes of an entry of the tail, to be published again. */
export const draft = ({ subject, headers, base64, text }) => ({
  subject, headers: repeated(headers).map(([name, value]) => `${name}: ${value}`).join('\n'),
  body: base64 ?? text, encoding: base64 === undefined ? 'text' : 'base64',
})

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
      if (colon < 1) throw new Mistake('headers', `${line} is not a header: write Name: value`)
      const name = line.slice(0, colon).trim()
      named[name] = [...named[name] ?? [], line.slice(colon + 1).trim()]
    }
    const message = { subject: subject.trim(), headers: named, text: body, ...encoding === 'base64' ? { base64: body.trim() } : {} }
    try {
      message.bytes = bytes(message)
    } catch {
      throw new Mistake('body', 'The body is not base64')
    }
    return message
  }

  #curl() {
    this.#forgive()
    try {
      const message = this.#message()
      return curl(message, pairs(message.headers))
    } catch (mistake) {
      this.#blame(mistake)
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
    const { way, timeout } = this.#draft()
    const request = way === 'request'
    const text = this.#text()
    const begin = performance.now()
    try {
      const message = this.#message()
      const url = resource(request ? 'request' : 'publish', message.subject)
      if (request) url.searchParams.set('timeout', timeout)
      if (way === 'none') url.searchParams.set('ack', 'none')
      const headers = requestHeaders(message)
      if (!headers.has('Content-Type')) headers.set('Content-Type', message.base64 === undefined ? 'text/plain; charset=UTF-8' : 'application/octet-stream')
      const response = await send(url, { method: 'POST', headers, body: message.bytes, signal: this.#signal })
      const millis = Math.round(performance.now() - begin)
      this.#kept = text
      if (request) await this.#showReply(response, millis)
      else if (response.status === 202) this.#show('Published', [['Answered', `202 after ${number(millis)} ms`],
        ['Stored', 'no: it went to those who subscribe now']])
      else this.#showReceipt(await whole(response.json()), response.status, message.subject, millis)
    } catch (failure) {
      if (!this.#signal.aborted) this.#blame(failure)
    }
  }

  #show(title, values, more = nothing) {
    render(html`<h3>${title}</h3>${facts(values)}${more}`, this.#answer)
  }

  #showReceipt({ stream, seq, duplicate }, status, subject, millis) {
    this.#show(duplicate ? 'Stored before' : 'Stored', [
      ['Stream', link(stream, { view: 'streams', stream })],
      ['Sequence', number(seq)],
      ['Duplicate', duplicate ? 'yes: a message with this id is stored already' : undefined],
      ['Answered', `${status} after ${number(millis)} ms`],
    ], link('Show it in the tail', [['subject', subject], ['from', `seq:${seq}`], ['source', 'stream']], { kind: 'button' }))
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
    const named = problem?.parameter ?? BLAMED[problem?.type?.split('/').at(-1)]
    const name = failure.field ?? named
    const input = name && this.#named(name)
    render(html`<div id="publish-problem">${problemNote(failure)}</div>`, this.#answer)
    if (!input) return
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', 'publish-problem')
    input.focus()
  }

  #forgive() {
    for (const input of this.#form.querySelectorAll('[aria-invalid]')) {
      input.removeAttribute('aria-invalid')
      input.removeAttribute('aria-describedby')
    }
  }

  #remember() {
    const name = field('Name', 'template', { value: this.#named('subject').value, required: true })
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

// A browser does not say which header it refuses.
function requestHeaders(message) {
  const headers = new Headers()
  for (const [name, value] of pairs(message.headers)) {
    try {
      new Headers([[name, '']])
    } catch {
      throw new Mistake('headers', `${name} is not the name of a header: it has letters, digits and signs, but no space`)
    }
    try {
      headers.append(...sent([[name, value]])[0])
    } catch {
      throw new Mistake('headers', `A browser cannot send this value of ${name}: it has characters beyond Latin-1`)
    }
  }
  return headers
}

/** What the form itself finds wrong. */
class Mistake extends Problem {
  constructor(field, title) {
    super({ title })
    this.field = field
  }
}
