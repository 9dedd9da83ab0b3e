// A question to a person, with what then happens. A refusal is told in the dialog, which stays open. A text that was typed
// is lost only if the person agrees.
import { button, field, problemNote } from './parts.js'
import { element } from './text.js'

let shown // the open dialog

/** Whether leaving the page loses what was typed in a dialog. */
export const unsaved = () => Boolean(shown?.unsaved())

/** Asks whether the person wants to lose what is not saved. */
export const mayLose = () => confirm('Leave, and lose what is not saved?')

/** Closes the open dialog, without asking. */
export const dismiss = () => shown?.dialog.close()

/**
 * Asks, and acts if the person agrees.
 *
 * @param title the question
 * @param body what the person should know, and fields
 * @param action the label of the button that agrees
 * @param typed a name that must be typed first, for what cannot be undone
 * @param danger whether the button warns
 * @param act called with the form data, and a signal that aborts when the dialog closes; what it rejects with is shown
 * @returns {Promise<boolean>} whether it was done
 */
export function ask({ title, body = [], action, typed, danger = Boolean(typed), act }) {
  return new Promise(resolve => {
    const told = element('div', 'told')
    const agree = element('button', danger ? 'danger' : 'main', action)
    const form = element('form', '', element('h2', '', title), ...body)
    const dialog = element('dialog', 'ask', form)
    dialog.setAttribute('aria-label', title)
    if (typed) {
      const name = field(`Type ${typed} to confirm`, 'typed')
      const input = name.querySelector('input')
      agree.disabled = true
      input.oninput = () => { agree.disabled = input.value !== typed }
      form.append(name)
    }
    let done = false
    const closing = new AbortController()
    const texts = body.flatMap(part => [...part.querySelectorAll('input[type=text], textarea')])
    const before = texts.map(({ value }) => value)
    const own = { dialog, unsaved: () => texts.some(({ value }, index) => value !== before[index]) }
    const leave = () => { if (!own.unsaved() || mayLose()) dialog.close() }
    form.append(told, element('div', 'choices', button('Cancel', leave), agree))
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
    form.onsubmit = async event => {
      event.preventDefault()
      agree.disabled = true
      told.replaceChildren()
      try {
        await act(new FormData(form), closing.signal)
        done = true
        dialog.close()
      } catch (failure) {
        told.replaceChildren(problemNote(failure))
      } finally {
        agree.disabled = false
      }
    }
    dialog.onclose = () => {
      if (shown === own) shown = undefined
      closing.abort()
      dialog.remove()
      resolve(done)
    }
    document.body.append(dialog)
    shown = own
    dialog.showModal()
  })
}
