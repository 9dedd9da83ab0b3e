// What this page is and what to try: over the messages at the first visits of a browser, until it is closed. Only where
// demo traffic can be started.
const KEY = 'sluice.introduced'

export class Introduction {
  #box
  #demo
  #wanted = !stored()
  #asked = false

  constructor(box) {
    this.#box = box
    this.#demo = box.querySelector('.demo')
    box.querySelector('.close').onclick = () => this.#close()
  }

  /** Shows it again, whatever is tailed. */
  ask() {
    this.#asked = true
  }

  /**
   * @param beside whether there are messages
   * @param explained whether the page explains itself already, as one without messages does
   * @param usual whether the address names no subjects
   */
  fit({ beside, explained, usual }) {
    this.#box.hidden = this.#demo.hidden || !(this.#asked ? !explained : beside && this.#wanted && usual)
  }

  #close() {
    this.#asked = this.#wanted = false
    this.#box.hidden = true
    try {
      localStorage.setItem(KEY, 'true')
    } catch {
      // Without storage it is closed as long as the page is open.
    }
    document.getElementById('events').focus()
  }
}

function stored() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
