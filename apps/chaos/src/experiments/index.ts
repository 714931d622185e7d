import { apiNetwork } from './api-network.ts'
import { backendKill } from './backend-kill.ts'
import { clockSkew, clockStep } from './clock-skew.ts'
import { clusterFailover } from './cluster-failover.ts'
import type { Experiment } from './experiment.ts'
import { leaseOwnerStop } from './lease-owner-stop.ts'
import { limiterFlood } from './limiter-flood.ts'
import { lostAnswer, lostAnswerWithGrace } from './lost-answer.ts'
import { processKill } from './process-kill.ts'
import { providerNetwork } from './provider-network.ts'
import { providerOutage } from './provider-outage.ts'
import { rollingUpgrade } from './rolling-upgrade.ts'
import { signOutStorm } from './sign-out-storm.ts'
import { soak } from './soak.ts'
import { sqlitePressure } from './sqlite-pressure.ts'
import { storeKill } from './store-kill.ts'
import { storeNetwork } from './store-network.ts'

export const EXPERIMENTS: readonly Experiment[] = [
  processKill,
  storeKill,
  backendKill,
  leaseOwnerStop,
  lostAnswer,
  lostAnswerWithGrace,
  providerOutage,
  signOutStorm,
  clusterFailover,
  sqlitePressure,
  clockStep,
  clockSkew,
  storeNetwork,
  providerNetwork,
  apiNetwork,
  limiterFlood,
  soak,
  rollingUpgrade,
]
