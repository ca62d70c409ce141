import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { CiString, Closed, DateTime, RegistrationStatus } from '../types.ts';
import { provenance } from './provenance.ts';

/** [OCPP 1.6, 4.2] The charge point introduces itself; the interval is that of its heartbeats only when Accepted. */
export const bootNotification = incoming({
  action: 'BootNotification',
  request: Closed({
    chargePointVendor: CiString(20),
    chargePointModel: CiString(20),
    chargePointSerialNumber: Type.Optional(CiString(25)),
    chargeBoxSerialNumber: Type.Optional(CiString(25)),
    firmwareVersion: Type.Optional(CiString(50)),
    iccid: Type.Optional(CiString(20)),
    imsi: Type.Optional(CiString(20)),
    meterType: Type.Optional(CiString(25)),
    meterSerialNumber: Type.Optional(CiString(25)),
  }),
  response: Closed({ status: RegistrationStatus, currentTime: DateTime, interval: Type.Integer() }),
  way: 'ask',
  async handle(store, call, settings) {
    const { payload } = call;
    const { registrationStatus: status } = await store.boot({
      ...provenance(call),
      vendor: payload.chargePointVendor,
      model: payload.chargePointModel,
      serialNumber: payload.chargePointSerialNumber ?? null,
      boxSerialNumber: payload.chargeBoxSerialNumber ?? null,
      firmwareVersion: payload.firmwareVersion ?? null,
      iccid: payload.iccid ?? null,
      imsi: payload.imsi ?? null,
      meterType: payload.meterType ?? null,
      meterSerialNumber: payload.meterSerialNumber ?? null,
    });
    const interval = status === 'Accepted' ? settings.heartbeatIntervalSeconds : settings.bootRetryIntervalSeconds;
    // Chargers set their clock by this: the time of the answer, not the time the question came in.
    return { status, currentTime: new Date().toISOString(), interval };
  },
  whenAway(away) {
    const status = away.chargePoint.registrationStatus;
    const interval = status === 'Accepted' ? away.heartbeatIntervalSeconds : away.retryIntervalSeconds;
    return { status, currentTime: away.now.toISOString(), interval };
  },
});
