// Reads again and again: one reading at a time, none while the page is hidden, none after the view was left. After
// failures it waits longer; after a refusal as forbidden it ends, because each of these asks for the permissions.
const MAX_PAUSE_MS = 30_000
const FORBIDDEN = 403
const ENDED = Symbol('ended')

/** What a reading that failed resolves with. */
export const outcome = failure => failure.status === FORBIDDEN ? ENDED : false

export class Poll {
  #read
  #every
  #signal
  #wake
  #again = false

  /** @param read reads once, and handles its own failures; resolves with the `outcome` of one */
  constructor(read, every, signal) {
    this.#read = read
    this.#every = every
    this.#signal = signal
    this.#run()
  }

  /** Reads at once, or once more after the reading that is under way. */
  refresh() {
    this.#again = true
    this.#wake?.()
  }

  async #run() {
    let pause = this.#every
    while (!this.#signal.aborted) {
      this.#again = false
      if (!document.hidden) {
        const result = await this.#attempt()
        if (result === ENDED) return
        pause = result === false ? Math.min(2 * pause, MAX_PAUSE_MS) : this.#every
      }
      if (!this.#again && !this.#signal.aborted) await this.#rest(pause)
    }
  }

  // A fault of a view is told in the console of the browser, and does not end the readings.
  async #attempt() {
    try {
      return await this.#read()
    } catch (fault) {
      reportError(fault)
      return false
    }
  }

  #rest(pause) {
    return new Promise(done => {
      const end = () => {
        clearTimeout(timer)
        document.removeEventListener('visibilitychange', shown)
        this.#signal.removeEventListener('abort', end)
        done()
      }
      const shown = () => { if (!document.hidden) end() }
      const timer = setTimeout(end, pause)
      document.addEventListener('visibilitychange', shown)
      this.#signal.addEventListener('abort', end)
      this.#wake = end
    })
  }
}
