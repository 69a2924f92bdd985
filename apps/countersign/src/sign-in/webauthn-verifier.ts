import type { PasskeyVerifier } from '@countersign/engine';

/** What the library throws for an answer that does not hold; anything that is no Error is not its. */
function doesNotHold(error: unknown): null {
  if (error instanceof Error) return null;
  throw error;
}

/** WebAuthn by SimpleWebAuthn, loaded when the first passkey comes. Every answer must show that its owner was verified. */
export const webauthnVerifier: PasskeyVerifier = {
  async created(party, challenge, { id, rawId, type, response }) {
    const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
    const { clientDataJSON, attestationObject, transports = [] } = response;
    try {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: {
          id,
          rawId,
          type,
          response: { clientDataJSON, attestationObject, transports },
          clientExtensionResults: {},
        },
        expectedChallenge: challenge,
        expectedOrigin: [...party.origins],
        expectedRPID: party.id,
        requireUserVerification: true,
      });
      if (!verified) return null;
      const { credential } = registrationInfo;
      return { id: credential.id, publicKey: credential.publicKey, counter: credential.counter, transports };
    } catch (error) {
      return doesNotHold(error);
    }
  },
  async asserted(party, challenge, { id, rawId, type, response }, { publicKey, counter }) {
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
    const { clientDataJSON, authenticatorData, signature, userHandle } = response;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: {
          id,
          rawId,
          type,
          response: {
            clientDataJSON,
            authenticatorData,
            signature,
            ...(userHandle === undefined ? {} : { userHandle }),
          },
          clientExtensionResults: {},
        },
        expectedChallenge: challenge,
        expectedOrigin: [...party.origins],
        expectedRPID: party.id,
        credential: { id, publicKey: new Uint8Array(publicKey), counter },
        requireUserVerification: true,
      });
      return verified ? { counter: authenticationInfo.newCounter } : null;
    } catch (error) {
      return doesNotHold(error);
    }
  },
};
