import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrderEvent } from './order-event.entity';

/** The event log. */
@Module({ imports: [TypeOrmModule.forFeature([OrderEvent])] })
export class HistoryModule {}
