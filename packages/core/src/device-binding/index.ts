/**
 * `@bff/core/device-binding`: binds sessions to the browser that signed in (Device Bound Session Credentials), as a plugin.
 *
 * @module
 */

export { type DeviceBinding, type DeviceBindingOptions, deviceBinding } from './device-binding.ts'
