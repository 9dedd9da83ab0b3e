// How the page looks, and whether it has keys: kept by this browser, not in the address.
const KEY = 'sluice.look'
const THEMES = ['auto', 'light', 'dark']

export class Settings {
  #look = stored()
  #changed

  constructor(changed) {
    this.#changed = changed
    document.getElementById('theme').onclick = () => this.nextTheme()
    document.getElementById('wrap').onclick = () => this.toggle('wrap')
    document.getElementById('dense').onclick = () => this.toggle('dense')
    document.getElementById('use-keys').onchange = () => this.toggle('no-keys')
    addEventListener('storage', ({ key }) => { if (key === KEY) this.#show(stored()) })
    this.#apply()
  }

  get wrap() {
    return Boolean(this.#look.wrap)
  }

  toggle(name) {
    this.#set({ [name]: !this.#look[name] })
  }

  nextTheme() {
    const index = THEMES.indexOf(this.#look.theme ?? 'auto')
    this.#set({ theme: THEMES[(index + 1) % THEMES.length] })
  }

  #set(change) {
    // Another tab may have changed another one.
    const look = { ...this.#look, ...stored(), ...change }
    try {
      localStorage.setItem(KEY, JSON.stringify(look))
    } catch {
      // Without storage the look lasts as long as the page.
    }
    this.#show(look)
  }

  #show(look) {
    this.#look = look
    this.#apply()
  }

  #apply() {
    const theme = this.#look.theme ?? 'auto'
    const root = document.documentElement
    root.dataset.theme = theme
    document.getElementById('theme').textContent = `Theme: ${theme}`
    for (const name of ['wrap', 'dense']) {
      root.toggleAttribute(`data-${name}`, Boolean(this.#look[name]))
      document.getElementById(name).setAttribute('aria-pressed', Boolean(this.#look[name]))
    }
    root.toggleAttribute('data-no-keys', Boolean(this.#look['no-keys']))
    document.getElementById('use-keys').checked = !this.#look['no-keys']
    this.#changed(this)
  }
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {}
  } catch {
    return {}
  }
}
