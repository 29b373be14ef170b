import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { codeOfGrpcStatus, ERROR_CODES, FoghornError } from '../../protocol/errors.js';

describe('error codes', () => {
  for (const code of ERROR_CODES) {
    it(`${code} has the gRPC status of the same name and an HTTP status of its own kind`, () => {
      const error = new FoghornError(code, 'text');
      expect(error.grpcStatus).to.equal(status[code]);
      expect(codeOfGrpcStatus(error.grpcStatus)).to.equal(code);
      expect(error.httpStatus).to.be.within(400, 599);
    });
  }

  it('turns a gRPC status outside the set into UNKNOWN', () => {
    for (const other of [17, 99, -1]) {
      expect(codeOfGrpcStatus(other)).to.equal('UNKNOWN');
    }
  });

  it('marks only UNAVAILABLE and DEADLINE_EXCEEDED as retryable', () => {
    const retryable = ERROR_CODES.filter((code) => new FoghornError(code, '').retryable);
    expect(retryable).to.have.members(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);
  });

  it('distinguishes a caller without identity from one without the right', () => {
    expect(new FoghornError('UNAUTHENTICATED', '').httpStatus).to.equal(401);
    expect(new FoghornError('PERMISSION_DENIED', '').httpStatus).to.equal(403);
  });
});
