// Who could be reached when a view asked last. A tail that runs shows the state of its own connection instead.
const WORDS = {
  nats: ['up', 'NATS can be reached'],
  sluice: ['up', 'Sluice can be reached'],
  unavailable: ['down', 'NATS or what was asked for is unavailable'],
  nobody: ['down', 'Sluice cannot be reached'],
}

const told = document.querySelector('#reached p')
let known

addEventListener('heard', ({ detail }) => {
  // An answer of Sluice alone does not change what is known of NATS.
  if (detail === known || (detail === 'sluice' && known && known !== 'nobody')) return
  known = detail
  const [name, words] = WORDS[known]
  told.className = `state ${name}`
  told.textContent = words
})
