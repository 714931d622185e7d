import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { bytesToHex, createAddressFromString, Address as EvmAddress, hexToBytes } from '@ethereumjs/util'
import { createVM } from '@ethereumjs/vm'
import type { Address, Hex } from 'viem'

/** How the node misbehaves: `hang` answers nothing, `huge` a megabyte, `refuse` with an error of its own. */
export type NodeFault = 'none' | 'hang' | 'huge' | 'refuse' | 'html' | 'empty'

/** An Ethereum node of one process: an EVM behind just enough JSON-RPC. */
export interface Chain {
  readonly url: string
  readonly chainId: number
  /** Methods asked for, in order. */
  readonly asked: string[]
  fault: NodeFault
  /** Answered in place of `chainId`. */
  pretendedChainId: number
  deploy(code: Hex): Promise<Address>
  /** A transaction: what it changes stays. */
  send(to: Address, data: Hex): Promise<void>
  setCode(address: Address, code: Hex): Promise<void>
  close(): Promise<void>
}

interface Call {
  readonly to?: Hex
  readonly data: Hex
  readonly gas?: Hex
}

const GAS = 30_000_000n

export async function startChain(chainId = 1): Promise<Chain> {
  const { evm, stateManager } = await createVM()
  const asked: string[] = []

  async function run({ to, data, gas }: Call) {
    const { execResult, createdAddress } = await evm.runCall({
      caller: new EvmAddress(new Uint8Array(20).fill(7)),
      ...(to !== undefined && { to: createAddressFromString(to) }),
      data: hexToBytes(data),
      gasLimit: gas === undefined ? GAS : BigInt(gas),
    })
    return { ...execResult, createdAddress }
  }

  async function call(params: Call): Promise<object> {
    await stateManager.checkpoint()
    try {
      const { exceptionError, returnValue } = await run(params)
      if (exceptionError === undefined) return { result: bytesToHex(returnValue) }
      return { error: { code: 3, message: 'execution reverted', data: bytesToHex(returnValue) } }
    } finally {
      await stateManager.revert()
    }
  }

  async function answer(method: string, [first]: readonly [never]): Promise<object> {
    if (method === 'eth_chainId') return { result: `0x${chain.pretendedChainId.toString(16)}` }
    if (method === 'eth_getCode')
      return { result: bytesToHex(await stateManager.getCode(createAddressFromString(first))) }
    if (method === 'eth_call') return call(first)
    return { error: { code: -32601, message: `no ${method}` } }
  }

  function misbehave(response: ServerResponse): boolean {
    if (chain.fault === 'hang') return true
    if (chain.fault === 'huge') response.end(`{"result":"0x${'00'.repeat(500_000)}"}`)
    else if (chain.fault === 'refuse') response.end('{"error":{"code":-32005,"message":"too many requests"}}')
    else if (chain.fault === 'html') response.writeHead(502).end('<h1>Bad gateway</h1>')
    else if (chain.fault === 'empty') response.end('{}')
    else return false
    return true
  }

  // One at a time: the EVM has one state.
  let turn: Promise<unknown> = Promise.resolve()
  const server = createServer(async (request, response) => {
    const { id, method, params } = JSON.parse(await text(request))
    asked.push(method)
    if (misbehave(response)) return
    turn = turn.then(async () => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(await answer(method, params)) }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The node listens on TCP only.')

  const chain: Chain = {
    url: `http://127.0.0.1:${address.port}`,
    chainId,
    asked,
    fault: 'none',
    pretendedChainId: chainId,
    async deploy(code) {
      const { exceptionError, createdAddress } = await run({ data: code })
      if (exceptionError !== undefined || createdAddress === undefined)
        throw new Error(`deploy: ${exceptionError?.error}`)
      return createdAddress.toString()
    },
    async send(to, data) {
      const { exceptionError } = await run({ to, data })
      if (exceptionError !== undefined) throw new Error(`send: ${exceptionError.error}`)
    },
    setCode: (target, code) => stateManager.putCode(createAddressFromString(target), hexToBytes(code)),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return chain
}
