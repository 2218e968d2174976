import { DomainError } from '../../common/domain-error';

export class UnknownProblemCodeError extends DomainError {
  readonly code = 'unknown_problem_code';

  constructor(code: string) {
    super(`There is no problem code ${code}.`);
  }
}
