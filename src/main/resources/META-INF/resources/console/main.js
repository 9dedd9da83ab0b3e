// The frame: the views, the keys that work in all of them, and how the page looks.
import * as buckets from './buckets.js'
import * as deadLetters from './dead-letters.js'
import * as health from './health.js'
import { json, withJson } from './http.js'
import { bind } from './keys.js'
import { refresh } from './permissions.js'
import * as objects from './objects.js'
import * as publish from './publish.js'
import './reached.js'
import { Router } from './router.js'
import { known } from './session.js'
import { Settings } from './settings.js'
import * as streams from './streams.js'
import * as tail from './tail.js'
import { read, write } from './view.js'

const VIEWS = { streams, buckets, objects, 'dead-letters': deadLetters, publish, health }

const $ = id => document.getElementById(id)
const help = () => $('help').showModal()

const settings = new Settings(tail.look)
// Where one can sign in, it is known first who has: Sluice would refuse the requests of nobody.
if (document.documentElement.hasAttribute('data-sign-in')) await known()
const permitted = refresh()
// A view asks only for what the caller may have. A tail of subjects that the address names is told by Sluice.
if (new URLSearchParams(location.search).has('view') || !read().subject.length) await permitted
const router = new Router(VIEWS, tail)

$('introduce').onclick = () => {
  $('help').close()
  router.show('tail')
  tail.introduce()
}
for (const button of document.querySelectorAll('button.demo:not(#introduce)')) {
  button.onclick = async () => {
    try {
      const { subjects } = await json(new URL('demo', document.baseURI), withJson('POST', {}))
      router.go(write({ subject: subjects }))
    } catch (failure) {
      router.show('tail')
      tail.tell(failure.message)
    } finally {
      $('help').close()
    }
  }
}
$('keys').onclick = help
bind(() => ({
  ...Object.fromEntries(router.names.map((name, index) => [String(index + 1), () => router.show(name)])),
  ...(router.name === 'tail' ? tail.keys : { '/': () => $('page').querySelector('input')?.focus() }),
  w: () => settings.toggle('wrap'),
  d: () => settings.toggle('dense'),
  t: () => settings.nextTheme(),
  '?': help,
}))
