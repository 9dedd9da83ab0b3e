// A question to a person, with what then happens. A refusal is told in the dialog, which stays open, also while the answer
// is awaited. A text that was typed is lost only if the person agrees.
import { button, field, problemNote } from './parts.js'
import { html, nothing, render } from './template.js'
import { element } from './text.js'

let shown // the open dialog

/** Whether leaving the page loses what was typed in a dialog, or the answer that it awaits. */
export const unsaved = () => Boolean(shown?.unsaved())

/** Asks whether the person wants to lose what is not saved. */
export const mayLose = (deed = 'Leave') => confirm(`${deed}, and lose what is not saved?`)

/** Closes the open dialog, without asking. */
export const dismiss = () => shown?.dialog.close()

/**
 * Asks, and acts if the person agrees.
 *
 * @param title the question
 * @param body what the person should know, and fields, as parts of a template
 * @param action the label of the button that agrees
 * @param typed a name that must be typed first, for what cannot be undone
 * @param danger whether the button warns
 * @param act called with the form data, and a signal that aborts when the person cancels; what it rejects with is shown
 * @returns {Promise<boolean>} whether it was done
 */
export function ask({ title, body, action, typed, danger = Boolean(typed), act }) {
  return new Promise(resolve => {
    const dialog = element('dialog', 'ask')
    const name = typed && field(`Type ${typed} to confirm`, 'typed', { oninput: () => show() })
    let running // aborts what was begun
    let done = false
    const show = (told = nothing) => render(html`<form @submit=${submitted}><h2>${title}</h2>${body}${name ?? nothing}
      <div class="told">${told}</div>
      <div class="choices">${button('Cancel', leave)}<button class=${danger ? 'danger' : 'main'}
        ?disabled=${Boolean(running) || Boolean(name) && name.querySelector('input').value !== typed}>${action}</button></div></form>`, dialog)
    const submitted = async event => {
      event.preventDefault()
      const form = new FormData(event.target)
      running = new AbortController()
      show()
      let told
      try {
        await act(form, running.signal)
        done = true
        dialog.close()
      } catch (failure) {
        if (running.signal.aborted && failure.name === 'AbortError') dialog.close()
        told = problemNote(failure)
      }
      running = undefined
      show(told)
    }
    // What cannot be cancelled tells its result, unless the person does not want to wait for it.
    const leave = () => {
      if (running && !running.signal.aborted) {
        running.abort()
        show(html`<p class="soft" role="status">This is under way, and cannot be cancelled. Waiting for the answer …</p>`)
      } else if (running || !own.unsaved() || mayLose()) dialog.close()
    }
    show()
    const texts = [...dialog.querySelectorAll('input[type=text]:not([name=typed]), textarea')]
    const before = texts.map(({ value }) => value)
    const own = { dialog, unsaved: () => Boolean(running) || texts.some(({ value }, index) => value !== before[index]) }
    dialog.setAttribute('aria-label', title)
    // A browser lets a page refuse to close a dialog only once, so Escape does not get so far.
    dialog.onkeydown = event => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      leave()
    }
    dialog.oncancel = event => {
      event.preventDefault()
      leave()
    }
    dialog.onclose = () => {
      if (shown === own) shown = undefined
      running?.abort()
      dialog.remove()
      resolve(done)
    }
    document.body.append(dialog)
    shown = own
    dialog.showModal()
  })
}
