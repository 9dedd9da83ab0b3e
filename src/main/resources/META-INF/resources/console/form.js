// The form of the filters. It shows a view, makes one, and tells an error at the field that caused it.
import { subjects } from './view.js'

const LISTS = ['contains', 'level', 'match', 'not', 'header']
const SHOWN = 2 // of them are not among the further filters, if there is room
const SMALL = matchMedia('(max-width: 40rem), (max-height: 30rem) and (max-width: 60rem)') // as in console.css
const WITH_VALUE = { 'seq:': 'number', 'time:': 'datetime-local' }

const field = name => document.getElementById(name)

export class FilterForm {
  #form = field('query')
  #view

  /** @param submitted called with the view that was asked for */
  constructor(submitted) {
    this.#form.onsubmit = event => {
      event.preventDefault()
      submitted(this.#read())
    }
    field('begin').onchange = () => this.#offerValue()
    SMALL.addEventListener('change', () => this.#place())
    this.#place()
  }

  // A field that is moved loses the focus, so they stay while a person is in one of them.
  #place() {
    const labels = LISTS.slice(0, SHOWN).map(name => field(name).closest('label'))
    if (labels.some(label => label.contains(document.activeElement))) return
    if (SMALL.matches) field('more').querySelector('div').prepend(...labels)
    else this.#form.querySelector('button.main').before(...labels)
  }

  /** Makes further views of this one, and leaves in the fields what was typed. */
  follow(view) {
    this.#view = view
  }

  fill(view) {
    this.follow(view)
    this.#place()
    field('subject').value = view.subject.join(' ')
    field('subject').placeholder = subjects({ subject: [] }).join(' ')
    for (const name of LISTS) field(name).value = view[name][0] ?? ''
    field('column').value = view.column.join(' ')
    const begin = ['from', 'tail'].flatMap(name => view[name].map(value => `${name}=${value}`))[0] ?? ''
    const [, kind, value] = /^from=(seq:|time:)(.*)$/.exec(begin) ?? []
    field('begin').querySelector('[value="from=last-per-subject"]').disabled = view.stream.length > 0 // which a tail reads itself
    this.#select(kind ?? begin)
    this.#offerValue()
    if (kind) field('at').value = kind === 'time:' ? local(value) : value
    if ([...LISTS, 'column'].some(name => view[name].length && field('more').contains(field(name)))) field('more').open = true
  }

  #select(begin) {
    const select = field('begin')
    if (![...select.options].some(option => option.value === begin)) select.add(new Option(named(begin), begin))
    select.value = begin
  }

  #offerValue() {
    const type = WITH_VALUE[field('begin').value]
    field('at').hidden = !type
    field('at').required = Boolean(type)
    if (type && field('at').type !== type) Object.assign(field('at'), { type, value: '' })
    field('at').step = type === 'number' ? '1' : '0.001'
    field('at').min = type === 'number' ? '1' : ''
  }

  #read() {
    const view = { ...this.#view, from: [], tail: [], to: [] }
    for (const name of ['subject', 'column']) view[name] = field(name).value.split(/\s+/).filter(Boolean)
    // The stream of an address, and its source, are those of its subjects.
    if (String(view.subject) !== String(this.#view.subject)) view.stream = view.source = []
    // Further values of a parameter, which only an address can give, stay.
    for (const name of LISTS) view[name] = [field(name).value, ...this.#view[name].slice(1)].filter(Boolean)
    const begin = field('begin').value
    const at = field('at').value
    if (begin === 'seq:') view.from = [`seq:${at}`]
    else if (begin === 'time:') view.from = [`time:${new Date(at).toISOString()}`]
    else for (const [name, value] of new URLSearchParams(begin)) view[name] = [value]
    return view
  }

  /** Tells the problem document of a request at its field. Returns false if no field is to blame. */
  blame({ parameter, detail, title }) {
    const name = { from: 'begin', tail: 'begin', source: 'subject' }[parameter] ?? parameter
    if (![...LISTS, 'subject', 'begin'].includes(name)) return false
    const input = field(name)
    if (field('more').contains(input)) field('more').open = true
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', 'refusal')
    field('refusal').textContent = detail ?? title
    input.focus()
    return true
  }

  forgive() {
    field('refusal').textContent = ''
    for (const input of this.#form.querySelectorAll('[aria-invalid]')) {
      input.removeAttribute('aria-invalid')
      input.removeAttribute('aria-describedby')
    }
  }
}

function named(begin) {
  const [name, value] = begin.split('=')
  return name === 'tail' ? `last ${value}` : value
}

function local(time) {
  const date = new Date(time)
  if (Number.isNaN(date.valueOf())) return ''
  return new Date(date.valueOf() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
}
