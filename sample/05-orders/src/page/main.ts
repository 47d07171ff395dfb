import { OrdersPage } from './orders-page.js';

new OrdersPage();
