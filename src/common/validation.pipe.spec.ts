import { Type } from 'class-transformer';
import { plainToInstance } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import * as fc from 'fast-check';
import { CreateOrderDto } from '../orders/dto/create-order.dto';
import type { FieldError } from './domain-error';
import { UnsupportedMediaTypeError, ValidationError } from './request-errors';
import { RequestPipe } from './validation.pipe';
