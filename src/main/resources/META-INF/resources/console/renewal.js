// What ends because the session did goes on with the renewed one: the tokens may have expired while the computer was asleep.
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

  /** Waits for a renewed session, and tells the page that this one has ended. */
  wait() {
    this.#ended = true
    dispatchEvent(new Event('signed-out'))
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
