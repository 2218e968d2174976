import { IsString, Matches } from 'class-validator';
import { Integer } from './settings.decorators';

/** Where the service listens, and the largest request that it reads. */
export class HttpSettings {
  /** 0: the system chooses a free port. */
  @Integer(0, 65_535)
  readonly port: number = 8000;

  /** Loopback by default, so that a first start is not reachable from the network. */
  @IsString()
  @Matches(/^\S+$/, { message: 'must be a host name or an IP address' })
  readonly host: string = '127.0.0.1';

  /** Largest request body, in bytes. An order of a hundred items takes about one kilobyte. */
  @Integer(1_024, 10_485_760)
  readonly bodyLimitBytes: number = 65_536;
}
