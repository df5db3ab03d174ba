import { services, type ControlPlane } from './control-plane.ts';
import { asSimulatedError, LostAnswer } from './errors.ts';
import {
  parseRequest,
  renderAnswer,
  renderError,
  type WireAnswer,
  type WireCall,
  type WireRequest,
} from './protocol/wire.ts';

/** Answers one request as it came over the wire; undefined when the answer is lost on purpose. */
export async function awsAnswer(
  controlPlane: ControlPlane,
  request: WireRequest,
): Promise<WireAnswer | undefined> {
  let call: WireCall | undefined;
  try {
    call = parseRequest(request, services);
    const userAgent = String(request.headers['x-amz-user-agent'] ?? request.headers['user-agent'] ?? '');
    const caller = { userAgent, user: 'simulated' };
    const { output, requestId } = await controlPlane.answer(
      call.service,
      call.operation,
      call.params,
      caller,
    );
    return renderAnswer(call, output, requestId);
  } catch (error) {
    if (error instanceof LostAnswer) return undefined;
    return renderError(asSimulatedError(error), call);
  }
}
