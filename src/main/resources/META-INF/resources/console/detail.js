// One message, whole: what is known of it, its payload in several forms, and what can be done with it. Of a notice, the way
// to the messages that are missing.
import { curl, nats } from './commands.js'
import { bytes } from './entry.js'
import { pathOf } from './json.js'
import { ago, button, copyButton, facts, here, named } from './parts.js'
import { payload } from './payload.js'
import { html, nothing, render } from './template.js'
import { clock, number, visible } from './text.js'

const COVERS = matchMedia('(max-width: 52rem)') // as in console.css: the pane covers the page
const COVERED = 'header, #running, #tail .controls, #tail .tail'

export class Detail {
  #pane
  #body
  #on
  #inView = false
  entry

  /** @param on called for what a person does: closed(), solo(subject), hide(subject), column(path), around(entry),
   *   readOn(seq), link(entry) returns an address, publish(entry) */
  constructor(pane, on) {
    this.#pane = pane
    this.#body = pane.querySelector('.body')
    this.#on = on
    pane.querySelector('.close').onclick = () => this.close()
    // For the mouse; the form has a field for columns.
    this.#body.onclick = event => {
      const name = event.target.closest('.json-key')
      if (!name) return
      event.preventDefault() // it would fold what begins on its line
      on.column(pathOf(name))
    }
    COVERS.addEventListener('change', () => this.#cover())
  }

  get open() {
    return !this.#pane.hidden
  }

  show(entry) {
    this.entry = entry
    this.#pane.hidden = false
    render(entry.kind === 'message' ? [this.#facts(entry), this.#actions(entry), payload(entry)] : this.#missing(entry), this.#body)
    this.#body.scrollTop = 0
    if (this.#cover()) this.#pane.querySelector('.close').focus()
  }

  close() {
    this.#pane.hidden = true
    this.entry = undefined
    this.#cover()
    this.#on.closed()
  }

  /** @param inView whether the view of the pane is shown */
  cover(inView) {
    this.#inView = inView
    if (this.#cover()) this.#pane.querySelector('.close').focus()
  }

  /** Closes the pane if it covers the page. Returns whether it did. */
  uncover() {
    const covered = this.#covers
    if (covered) this.close()
    return covered
  }

  get #covers() {
    return this.open && this.#inView && COVERS.matches
  }

  // What is covered takes no focus, and is not read out.
  #cover() {
    for (const part of document.querySelectorAll(COVERED)) part.inert = this.#covers
    return this.#covers
  }

  #facts(entry) {
    const { subject, seq, time, headers } = entry
    return facts([
      ['Subject', html`<span class="subject colour-${entry.colour}">${visible(subject)}</span>`],
      ['Sequence', seq === undefined ? undefined : number(seq)],
      ['Time', html`${clock(time)} · ${ago(time)}<div class="soft">${new Date(time).toString().slice(0, 33)}</div><div class="soft">${time}</div>`],
      ['Size', `${number(bytes(entry).length)} bytes`],
      ...named(headers),
    ])
  }

  #missing({ text, from }) {
    const follow = event => {
      if (!here(event)) return
      event.preventDefault()
      this.#on.readOn(from)
    }
    return html`<p>${text}</p><p><a href=${this.#on.link({ seq: from })} @click=${follow}>Read on from sequence ${number(from)}</a></p>`
  }

  #actions(entry) {
    const stored = entry.seq !== undefined
    return html`<div class="actions">
      ${copyButton('Copy text', () => entry.base64 ?? entry.text)}${copyButton('Copy curl', () => curl(entry))}
      ${copyButton('Copy nats', () => nats(entry))}${stored ? copyButton('Copy link', () => this.#on.link(entry)) : nothing}
      ${button('Only this subject', () => this.#on.solo(entry.subject))}${button('Hide this subject', () => this.#on.hide(entry.subject))}
      ${stored ? button('Show around it', () => this.#on.around(entry)) : nothing}
      ${button('Publish again …', () => this.#on.publish(entry), { needs: `publish ${entry.subject} or request ${entry.subject}` })}</div>`
  }
}
