// What ends because the session did goes on with the renewed one: the tokens may have expired while the computer was asleep.
import { known } from './session.js'

const AGAIN_MS = 60_000 // least time between two times that it goes on

export class Renewal {
  #goOn
  #ended = false
  #last = 0

  /**
   * @param goOn called when the session was renewed
   * @param signal ends the waiting for it
   */
  constructor(goOn, signal) {
    this.#goOn = goOn
    addEventListener('signed-in', () => this.#renewed(signal), { signal })
  }

  /** Waits for a renewed session, and tells the page that this one has ended. Resolves with why, when it is known. */
  async wait() {
    this.#ended = true
    dispatchEvent(new Event('signed-out'))
    return await known() ? 'it is not allowed any longer' : 'the sign-in cannot be checked now. It goes on by itself as soon as it can'
  }

  /** Waits no longer: something else began. */
  forget() {
    this.#ended = false
  }

  #renewed(signal) {
    if (!this.#ended || signal?.aborted) return
    const early = this.#last + AGAIN_MS - Date.now()
    if (early > 0) {
      setTimeout(() => this.#renewed(signal), early)
      return
    }
    this.#ended = false
    this.#last = Date.now()
    this.#goOn()
  }
}
