import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { HistoryController } from './history.controller';
import { HistoryService } from './history.service';
import { OrderEvent } from './order-event.entity';

/** The event log: an order's timeline, and the whole log in the order of commits. */
@Module({
  imports: [TypeOrmModule.forFeature([OrderEvent])],
  controllers: [HistoryController],
  providers: [HistoryService],
  exports: [HistoryService],
})
export class HistoryModule {}
