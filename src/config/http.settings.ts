import { IsString, Matches } from 'class-validator';
import { Whole } from './settings.decorators';

/** Where the service listens, and what it reads. */
export class HttpSettings {
  /** 0 lets the system choose a free port. */
  @Whole(0, 65_535)
  readonly port: number = 8000;

  /** Loopback by default: a fresh start must not be open to the network. */
  @IsString()
  @Matches(/^\S+$/, { message: 'takes a host name or an address' })
  readonly host: string = '127.0.0.1';

  /** Largest request body in bytes; an order of a hundred items takes about one kilobyte. */
  @Whole(1_024, 10_485_760)
  readonly bodyLimitBytes: number = 65_536;
}
