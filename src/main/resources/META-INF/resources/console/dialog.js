// A question to a person, with what then happens. A refusal is told in the dialog, which stays open.
import { button, field, problemNote } from './parts.js'
import { element } from './text.js'

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
    form.append(told, element('div', 'choices', button('Cancel', () => dialog.close()), agree))
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
      closing.abort()
      dialog.remove()
      resolve(done)
    }
    document.body.append(dialog)
    dialog.showModal()
  })
}
